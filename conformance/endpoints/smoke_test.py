"""A handful of cases through the endpoints that are installed: do page, programs and report work?

What is not installed is skipped, and so are the browsers that are not there. WSPROOF names the
program under build.
"""

from __future__ import annotations

import argparse
import os
import tempfile
import unittest
from pathlib import Path

from endpoints import plan, run_all, run_file
from manifest import HERE, read_manifest

CASES = ["1.1.2,2.4,5.6,6.2.3,7.3.3"]


class SmokeTest(unittest.TestCase):
    def setUp(self) -> None:
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.output = Path(folder.name)

    def run_endpoint(self, name: str) -> None:
        endpoint = read_manifest(HERE / name / "endpoint.json")
        if lack := endpoint.missing():
            self.skipTest(f"not installed: {lack}")
        options = argparse.Namespace(
            cases=CASES, quick=False, update_baselines=False, no_install=True, evidence=None,
            output=self.output, wsproof=Path(os.environ["WSPROOF"]))
        jobs = plan([endpoint], [], tls=False)
        self.assertEqual(run_all(jobs, options), 0)
        self.assertTrue((self.output / "index.html").exists())
        for job in jobs:
            run = run_file.load(self.output / f"{job.name}.json")
            self.assertGreaterEqual(run["totals"]["passed"], 5)
            self.assertEqual(run["implementation"]["name"], name)

    def test_chromium(self) -> None:
        self.run_endpoint("chromium")

    def test_ws(self) -> None:
        self.run_endpoint("ws")


if __name__ == "__main__":
    unittest.main()
