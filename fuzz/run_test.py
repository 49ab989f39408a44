"""Tests of run.py with programs that behave like fuzz targets."""

from __future__ import annotations

import contextlib
import io
import sys
import tempfile
import unittest
from pathlib import Path

import run

FAKE = """#!{python}
import pathlib, sys
options = dict(argument[1:].split("=", 1) for argument in sys.argv[1:] if argument.startswith("-"))
{body}
print("stat::number_of_executed_units: 42")
print("stat::average_exec_per_sec:     7")
"""


class RunTest(unittest.TestCase):
    def setUp(self) -> None:
        directory = tempfile.TemporaryDirectory()
        self.addCleanup(directory.cleanup)
        self.root = Path(directory.name)
        (self.root / "build" / "fuzz").mkdir(parents=True)

    def add_target(self, name: str, body: str = "") -> None:
        program = self.root / "build" / "fuzz" / f"{name}_fuzz"
        program.write_text(FAKE.format(python=sys.executable, body=body))
        program.chmod(0o755)

    def run_main(self, *arguments: str) -> tuple[int, str]:
        output = io.StringIO()
        with contextlib.redirect_stdout(output), contextlib.redirect_stderr(output):
            try:
                status = run.main(["--build-dir", str(self.root / "build"), *arguments])
            except SystemExit as exit_:
                status = int(exit_.code or 0)
        return status, output.getvalue()

    def test_lists_the_targets_of_the_build(self) -> None:
        self.add_target("b")
        self.add_target("a")
        (self.root / "build" / "fuzz" / "cmake_install.cmake").touch()
        self.assertEqual(self.run_main("--list"), (0, "a\nb\n"))

    def test_says_how_much_was_run(self) -> None:
        self.add_target("a")
        self.assertEqual(self.run_main("a"), (0, "a: nothing found in 42 runs, 7 a second\n"))

    def test_passes_the_time_on(self) -> None:
        self.add_target("a", 'assert options["max_total_time"] == "30"')
        self.assertEqual(self.run_main("a", "--minutes", "0.5")[0], 0)

    def test_names_a_finding_and_how_to_replay_it(self) -> None:
        self.add_target("a", 'pathlib.Path(options["artifact_prefix"] + "crash-1").write_text("x")\n'
                             "sys.exit(77)")
        status, output = self.run_main("a")
        self.assertEqual(status, 1)
        finding = self.root / "fuzz-out" / "findings" / "a" / "crash-1"
        self.assertIn(f"replay: {self.root}/build/fuzz/a_fuzz {finding}", output)

    def test_a_target_that_fails_without_a_finding_is_broken(self) -> None:
        self.add_target("a", "sys.exit(1)")
        self.assertEqual(self.run_main("a")[0], 4)

    def test_smoke_runs_every_target_and_counts(self) -> None:
        self.add_target("a", 'assert options["seed"] == "6455"')
        self.add_target("b", "sys.exit(1)")
        status, output = self.run_main("--smoke")
        self.assertEqual(status, 4)
        self.assertTrue(output.endswith("fuzz targets: 1 passed, 1 failed\n"), output)

    def test_refuses_bad_usage(self) -> None:
        self.add_target("a")
        for arguments in ((), ("a", "--smoke"), ("a", "--minutes", "0"), ("unknown",)):
            with self.subTest(arguments=arguments):
                self.assertEqual(self.run_main(*arguments)[0], 2)

    def test_says_that_nothing_is_built(self) -> None:
        status, output = self.run_main("--smoke")
        self.assertEqual(status, 4)
        self.assertIn("build the fuzz preset first", output)


if __name__ == "__main__":
    unittest.main()
