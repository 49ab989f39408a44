"""Tests of tidy.py with a clang-tidy and a compiler that are scripts."""

import contextlib
import io
import json
import os
import tempfile
import unittest
from pathlib import Path
from unittest import mock

import tidy

# Says which files it was given, and finds something in each that has the word "bad" in it.
CLANG_TIDY = """#!/bin/sh
if [ "$1" = --version ]; then echo "version $TIDY_VERSION"; exit; fi
while [ "$1" != -- ]; do piece=$1; shift; done
sources=$piece
case $piece in */piece.cpp) sources=$(sed 's/#include "\\(.*\\)"/\\1/' "$piece") ;; esac
echo $sources "$@" >>"$TIDY_LOG"
if grep -q crash $sources; then echo "stack dump" >&2; exit 139; fi
if grep -q bad $sources; then echo "$(grep -l bad $sources):1:1: error: bad [check]"; exit 1; fi
"""
# Takes the first word after "include" in a file for the file that it includes, and does not compile
# files with the word "alone" in one piece with others.
CLANG = """#!/bin/sh
if [ -n "$CLANG_BROKEN" ]; then exit 1; fi
if [ "$1" = -fsyntax-only ]; then
    if grep -q alone $(sed 's/#include "\\(.*\\)"/\\1/' "$3"); then exit 1; fi
    exit
fi
echo "x.o: $2 \\\\"
sed -n 's/^include /  /p' "$2"
"""


class TidyTest(unittest.TestCase):
    def setUp(self) -> None:
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.root = Path(folder.name)
        self.log = self.root / "log"
        bin_directory = self.root / "bin"
        for name, text in {tidy.CLANG_TIDY: CLANG_TIDY, tidy.CLANG: CLANG}.items():
            self.write(f"bin/{name}", text).chmod(0o755)
        environment = {
            "PATH": f"{bin_directory}:{os.environ['PATH']}",
            "WSPROOF_CACHE": str(self.root / "cache"),
            "TIDY_LOG": str(self.log),
            "TIDY_VERSION": "19.1",
        }
        for patch in (mock.patch.dict(os.environ, environment),
                      mock.patch.object(tidy, "ROOT", self.root)):
            patch.start()
            self.addCleanup(patch.stop)
        self.write(".clang-tidy", "Checks: all")
        self.write("impl/a.cpp", "good")
        self.write("impl/b.cpp", "good\ninclude ../impl/b.hpp")
        self.write("impl/b.hpp", "good")
        self.write("generated/c.cpp", "bad")
        (self.root / "build").mkdir()
        self.compile("-O0")

    def write(self, name: str, text: str) -> Path:
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        return path

    def compile(self, flags: str) -> None:
        self.write("build/compile_commands.json", json.dumps([
            {"directory": str(self.root / "build"), "file": str(self.root / source),
             "command": f"c++ {flags} -o {Path(source).stem}.o -c {source}"}
            for source in ("impl/a.cpp", "impl/b.cpp", "generated/c.cpp")]))

    def run_tidy(self) -> tuple[int, list[str], str]:
        """Returns the exit status, the names of the files looked at, and what went to stderr."""
        self.log.write_text("")
        tidy.digest.cache_clear()
        errors = io.StringIO()
        with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(errors):
            status = tidy.main(["--build", str(self.root / "build"), "--jobs", "1", "impl"])
        looked_at = [Path(word).name for word in self.log.read_text().split()
                     if word.endswith(".cpp")]
        return status, looked_at, errors.getvalue()

    def test_looks_only_at_units_of_the_directories(self) -> None:
        self.assertEqual(self.run_tidy(), (0, ["a.cpp", "b.cpp"], ""))

    def test_leaves_out_what_was_clean(self) -> None:
        self.run_tidy()
        self.assertEqual(self.run_tidy(), (0, [], ""))

    def test_looks_at_what_is_compiled_alike_in_one_piece(self) -> None:
        self.run_tidy()
        words = self.log.read_text().splitlines()
        self.assertEqual([line.split("--")[1] for line in words], [" -O0 -Wno-unknown-warning-option"])

    def test_looks_alone_at_what_cannot_be_in_one_piece(self) -> None:
        self.write("impl/a.cpp", "alone")
        self.assertEqual(self.run_tidy(), (0, ["a.cpp", "b.cpp"], ""))
        self.assertEqual(len(self.log.read_text().splitlines()), 2)
        self.assertEqual(self.run_tidy()[1], [])

    def test_looks_again_when_an_included_file_changed(self) -> None:
        self.run_tidy()
        self.write("impl/b.hpp", "better")
        self.assertEqual(self.run_tidy()[1], ["b.cpp"])

    def test_looks_again_when_rules_command_or_tool_changed(self) -> None:
        changes = {
            "rules": lambda: self.write(".clang-tidy", "Checks: more"),
            "command": lambda: self.compile("-O2"),
            "tool": lambda: os.environ.update(TIDY_VERSION="19.2"),
        }
        for name, change in changes.items():
            with self.subTest(name):
                self.run_tidy()
                change()
                self.assertEqual(self.run_tidy()[1], ["a.cpp", "b.cpp"])

    def test_tells_findings_each_time(self) -> None:
        self.write("impl/a.cpp", "bad")
        for _ in range(2):
            status, looked_at, errors = self.run_tidy()
            self.assertEqual(status, 1)
            self.assertIn("a.cpp", looked_at)
            self.assertIn("impl/a.cpp:1:1: error: bad [check]", errors)

    def test_tells_that_clang_tidy_broke(self) -> None:
        self.write("impl/a.cpp", "crash")
        status, _, errors = self.run_tidy()
        self.assertEqual(status, 1)
        self.assertIn("a.cpp: clang-tidy-19 broke: stack dump", errors)

    def test_does_not_remember_a_unit_that_cannot_be_preprocessed(self) -> None:
        os.environ["CLANG_BROKEN"] = "yes"
        self.run_tidy()
        self.assertEqual(self.run_tidy()[1], ["a.cpp", "b.cpp"])

    def test_a_build_without_commands_is_broken(self) -> None:
        (self.root / "build" / "compile_commands.json").unlink()
        status, _, errors = self.run_tidy()
        self.assertEqual(status, 4)
        self.assertIn("compile_commands.json", errors)


if __name__ == "__main__":
    unittest.main()
