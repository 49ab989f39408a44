"""run.py with a program that stands in for wsproof_bench."""

from __future__ import annotations

import contextlib
import io
import json
import sys
import tempfile
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

import run
from test_data import benchmark_json

SAMPLES = {
    "masking/in place/wsproof/16": [2e9, 2e9, 2e9],
    "masking/in place/wsproof/1024": [6e9, 6e9, 6e9],
    "masking/in place/memcpy/16": [4e9, 4e9, 4e9],
    "masking/in place/memcpy/1024": [8e9, 8e9, 8e9],
    "handshake/minimal/wsproof/161": [1e8, 1e8, 1e8],
    "handshake/minimal/Boost.Beast/161": [2e8, 2e8, 2e8],
}

FAKE = """#!{python}
import pathlib, sys
folder = pathlib.Path({folder!r})
(folder / "arguments").write_text("\\n".join(sys.argv[1:]))
out = next(a.partition("=")[2] for a in sys.argv if a.startswith("--benchmark_out="))
pathlib.Path(out).write_text((folder / "answer.json").read_text())
sys.exit({status})
"""


class RunTest(unittest.TestCase):
    def setUp(self) -> None:
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)
        self.output = self.folder / "out"

    def run_with(self, answer: str, *options: str, status: int = 0) -> tuple[int, str, str]:
        (self.folder / "answer.json").write_text(answer)
        binary = self.folder / "fake"
        binary.write_text(FAKE.format(python=sys.executable, folder=str(self.folder), status=status))
        binary.chmod(0o755)
        out, err = io.StringIO(), io.StringIO()
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            code = run.main(["--binary", str(binary), "--output", str(self.output), *options])
        return code, out.getvalue(), err.getvalue()

    def test_writes_what_the_report_takes(self) -> None:
        code, _, _ = self.run_with(json.dumps(benchmark_json(SAMPLES)))
        self.assertEqual(code, 0)
        bench = json.loads((self.output / "bench.json").read_text())
        self.assertEqual(bench["ratios"][-2], {
            "name": "Masking, in place, 16 B", "ours": 2.0, "peer": 4.0, "peer_name": "memcpy",
            "ratio": 0.5, "unit": "GB/s"})
        self.assertEqual(len(bench["ratios"]), 3)
        self.assertEqual([plot["title"] for plot in bench["plots"]],
                         ["Masking, in place: GB/s by payload"])
        self.assertIn("memcpy: 4 GB/s at 16 B, 8 GB/s at 1 KiB", bench["plots"][0]["description"])

    def test_prints_a_table_of_ratios(self) -> None:
        _, out, _ = self.run_with(json.dumps(benchmark_json(SAMPLES)))
        self.assertRegex(out, r"(?m)^ours as a multiple of +ours +Boost.Beast +memcpy$")
        self.assertRegex(out, r"(?m)^Masking, in place, 1 KiB +6.00 GB/s +- +0.75$")
        self.assertRegex(out, r"(?m)^Opening request, minimal, 161 B +0.10 GB/s +0.50 +-$")

    def test_interleaves_repetitions(self) -> None:
        self.run_with(json.dumps(benchmark_json(SAMPLES)))
        arguments = (self.folder / "arguments").read_text().splitlines()
        self.assertIn("--benchmark_enable_random_interleaving=true", arguments)
        self.assertIn(f"--benchmark_repetitions={run.REPETITIONS}", arguments)

    def test_is_shorter_when_quick(self) -> None:
        self.run_with(json.dumps(benchmark_json(SAMPLES)), "--quick", "--filter", "masking")
        arguments = (self.folder / "arguments").read_text().splitlines()
        self.assertIn(f"--benchmark_repetitions={run.QUICK_REPETITIONS}", arguments)
        self.assertIn("--benchmark_filter=masking", arguments)

    def test_says_when_the_program_fails(self) -> None:
        code, out, err = self.run_with(json.dumps(benchmark_json(SAMPLES)), status=3)
        self.assertEqual((code, out), (1, ""))
        self.assertIn("ended with status 3", err)
        self.assertFalse((self.output / "bench.json").exists())

    def test_says_when_there_are_no_results(self) -> None:
        code, _, err = self.run_with(json.dumps(benchmark_json({})))
        self.assertEqual(code, 1)
        self.assertIn("has no results", err)

    def test_a_filter_that_nothing_matches_says_so_and_loses_nothing(self) -> None:
        self.run_with(json.dumps(benchmark_json(SAMPLES)))
        before = (self.output / "benchmark.json").read_bytes()
        code, _, err = self.run_with("", "--filter", "UTF-9")
        self.assertEqual(code, 1)
        self.assertIn("no benchmark matches --filter UTF-9", err)
        self.assertEqual((self.output / "benchmark.json").read_bytes(), before)

    def test_says_when_there_is_no_program(self) -> None:
        err = io.StringIO()
        with contextlib.redirect_stderr(err):
            code = run.main(["--binary", str(self.folder / "none"), "--output", str(self.output)])
        self.assertEqual(code, 1)
        self.assertIn("none", err.getvalue())

    def test_finds_the_processor(self) -> None:
        cpuinfo = self.folder / "cpuinfo"
        cpuinfo.write_text("processor\t: 0\nmodel name\t: Some CPU @ 2 GHz\n")
        self.assertEqual(run.processor_name(cpuinfo), "Some CPU @ 2 GHz")
        self.assertIsNone(run.processor_name(self.folder / "none"))


if __name__ == "__main__":
    unittest.main()
