"""The order in which engines are looked for, with fakes, and half-made environments."""

from __future__ import annotations

import contextlib
import os
import sys
import tempfile
import unittest
from pathlib import Path
from unittest import mock

import environment
from environment import (
    AUTOBAHN, IMAGE, KOSOKU, BadSetting, EngineUnavailable, InstallFailed, Python, find_engine,
    make_environment, python2_candidates,
)

PYTHON3 = Python(sys.executable, (3, 11, 2), "CPython 3.11.2", "that runs wsproof")


class Machine(unittest.TestCase):
    """An empty machine with programs that tests put there."""

    def setUp(self) -> None:
        self.root = Path(self.enterContext(tempfile.TemporaryDirectory()))
        self.bin = self.root / "bin"
        self.environ = {
            "PATH": str(self.bin), "HOME": str(self.root / "home"),
            "WSPROOF_CACHE": str(self.root / "cache"),
        }
        self.log: list[str] = []

    def program(self, path: str | Path, script: str) -> str:
        program = self.root / path
        program.parent.mkdir(parents=True, exist_ok=True)
        program.write_text(f"#!/bin/sh\n{script}\n")
        program.chmod(0o755)
        return str(program)

    def python(self, path: str, version: str = "CPython 2 7 18") -> str:
        return self.program(path, f"echo {version}")

    def find(self, choice: str = "auto", **makes: object) -> str:
        """Returns how the engine was found; environments are not really made."""
        with mock.patch.multiple(
            environment,
            make_environment=makes.get("make_environment", lambda *_: None),
            python3_for_kosoku=lambda *_: PYTHON3,
        ):
            return find_engine(choice, self.log.append, self.environ).found


class SearchOrderTest(Machine):
    def test_takes_the_python_that_is_named_before_all_others(self) -> None:
        self.python("bin/python2.7")
        self.environ["WSPROOF_PYTHON2"] = self.python("special/python")
        self.assertIn("named by WSPROOF_PYTHON2", self.find())

    def test_refuses_a_named_python_that_is_none(self) -> None:
        for path in (self.python("three", "CPython 3 11 2"), self.program("broken", "exit 1"),
                     "/nowhere/python"):
            self.environ["WSPROOF_PYTHON2"] = path
            with self.subTest(path), self.assertRaisesRegex(BadSetting, "WSPROOF_PYTHON2"):
                self.find()

    def test_takes_python_2_on_path_before_pyenv(self) -> None:
        self.python("home/.pyenv/versions/2.7.18/bin/python2.7")
        self.python("bin/python2")
        self.assertIn("on PATH", self.find())

    def test_takes_pypy(self) -> None:
        self.python("bin/pypy", "PyPy 2 7 13")
        self.assertIn("PyPy 2.7.13 on PATH", self.find())

    def test_does_not_take_what_only_has_the_name(self) -> None:
        self.python("bin/python2", "CPython 3 9 1")
        self.program("bin/python2.7", "exit 127")
        self.python("bin/pypy", "PyPy 3 10 14")
        self.assertIn(KOSOKU, self.find())

    def test_looks_behind_the_shims_of_pyenv(self) -> None:
        self.environ["PATH"] = str(self.root / "pyenv/shims")
        self.environ["PYENV_ROOT"] = str(self.root / "pyenv")
        self.python("pyenv/shims/python2.7")
        real = self.python("pyenv/versions/2.7.18/bin/python2.7")
        self.assertIn(f"of pyenv: {real}", self.find())

    def test_finds_pyenv_in_the_home_directory(self) -> None:
        self.python("home/.pyenv/versions/2.7.18/bin/python2.7")
        self.assertIn("of pyenv", self.find())

    def test_goes_on_when_an_environment_cannot_be_made(self) -> None:
        self.python("bin/python2.7")

        def make(directory: Path, *_: object) -> None:
            if AUTOBAHN in directory.name:
                raise InstallFailed("no network")

        self.assertIn(KOSOKU, self.find(make_environment=make))
        self.assertIn("no network", "\n".join(self.log))

    def test_takes_kosoku_when_asked_to(self) -> None:
        self.python("bin/python2.7")
        self.assertIn(KOSOKU, self.find(KOSOKU))

    def test_does_not_fall_back_when_asked_for_the_original(self) -> None:
        with self.assertRaisesRegex(EngineUnavailable, "no Python 2.7.*no docker"):
            self.find(AUTOBAHN)

    def test_says_what_was_tried(self) -> None:
        def make(*_: object) -> None:
            raise InstallFailed("could not install kosoku from PyPI: no route to host")

        with self.assertRaisesRegex(EngineUnavailable, "no Python 2.7.*no docker.*no route"):
            self.find(make_environment=make)


class Python2EnvironmentTest(Machine):
    def make(self, failing: str, python: str = "CPython 2 7 18") -> list[str]:
        """Makes an environment with steps that only take note of what they are for."""
        done = []

        def step(_: list[str], purpose: str) -> None:
            done.append(purpose)
            if failing and failing in purpose:
                raise InstallFailed(f"could not {purpose}")

        self.python("bin/python2.7", python)
        with mock.patch.multiple(environment, run=step,
                                 make_environment=lambda *arguments: arguments[2]()):
            find_engine(AUTOBAHN, self.log.append, self.environ)
        return done

    def test_does_without_what_cannot_be_compiled(self) -> None:
        self.assertIn("import Autobahn|Testsuite", self.make("compile wsaccel"))
        self.assertIn("slower", "\n".join(self.log))

    def test_has_no_accelerators_for_pypy(self) -> None:
        self.assertNotIn("compile wsaccel", self.make("", "PyPy 2 7 13"))

    def test_does_not_do_without_the_suite(self) -> None:
        with self.assertRaisesRegex(EngineUnavailable, "could not import"):
            self.make("import Autobahn")


class DockerTest(Machine):
    def docker(self, script: str) -> None:
        self.program("bin/docker", f'echo "$@" >> {self.root}/asked\n{script}')

    def test_is_asked_whether_it_answers(self) -> None:
        self.docker("exit 1")
        self.assertIn(KOSOKU, self.find())
        self.assertEqual((self.root / "asked").read_text(), "info\n")

    def test_names_the_image_with_its_digest(self) -> None:
        self.docker('test "$1" = info || echo crossbario/autobahn-testsuite@sha256:abc')
        self.assertIn("sha256:abc", self.find())
        self.assertNotIn("pull", (self.root / "asked").read_text())

    def test_pulls_the_image_if_it_is_not_there(self) -> None:
        self.docker(f'case "$1" in image) test -e {self.root}/pulled && echo x@sha256:abc;; '
                    f'pull) : > {self.root}/pulled;; esac')
        self.assertIn("x@sha256:abc", self.find())
        self.assertIn(f"pull {IMAGE}", (self.root / "asked").read_text())

    def test_is_passed_over_if_the_image_cannot_be_pulled(self) -> None:
        self.docker('test "$1" = info')
        self.assertIn(KOSOKU, self.find())

    def test_runs_the_driver_in_a_container_that_can_be_ended(self) -> None:
        self.docker('test "$1" = info || echo x@sha256:abc')
        engine = find_engine(AUTOBAHN, self.log.append, self.environ)
        command = engine.command_for(Path("/tmp/w/p/plan.json"), Path("/tmp/w/p"), "wsproof-1")
        self.assertEqual(command[:2], [str(self.bin / "docker"), "run"])
        for part in ("--rm", "--interactive", "/tmp/w/p:/tmp/w/p", "host", "x@sha256:abc"):
            self.assertIn(part, command)
        self.assertTrue(command[-2].endswith("/drivers/drive_autobahn.py"))
        self.assertEqual(command[-1], "/tmp/w/p/plan.json")
        self.assertEqual(engine.end_command("wsproof-1"),
                         [str(self.bin / "docker"), "kill", "wsproof-1"])

    def test_uses_the_python_that_wstest_names(self) -> None:
        self.docker('test "$1" = info || echo x@sha256:abc')
        python = self.program("bin/fake-pypy", 'echo "ran $@"')
        self.program("bin/wstest", "")
        (self.bin / "wstest").write_text(f"#! /usr/bin/env {Path(python).name}\nimport re\n")
        engine = find_engine(AUTOBAHN, self.log.append, self.environ)
        in_container = list(engine.command[1:4])
        with mock.patch.dict(os.environ, PATH=f"{self.bin}:{os.environ['PATH']}"):
            output = environment.subprocess.run(
                [*in_container, "sh", "driver.py", "plan"], capture_output=True, text=True)
        self.assertEqual(output.stdout, "ran -u driver.py plan\n", output.stderr)


class MakeEnvironmentTest(Machine):
    def setUp(self) -> None:
        super().setUp()
        self.directory = self.root / "cache" / "environment"
        self.interpreter = self.directory / "bin" / "python"
        self.made = 0

    def make(self, fail: bool = False) -> None:
        def steps() -> None:
            self.made += 1
            self.assertFalse(self.directory.exists())
            self.python("cache/environment/bin/python")
            if fail:
                raise InstallFailed("the network went away")

        make_environment(self.directory, self.interpreter, steps, "a test", self.log.append)

    def test_makes_it_once(self) -> None:
        self.make()
        self.make()
        self.assertEqual(self.made, 1)

    def test_makes_one_that_was_left_half_made_again(self) -> None:
        with self.assertRaises(InstallFailed):
            self.make(fail=True)
        self.make()
        self.assertEqual(self.made, 2)
        self.assertIn("is not complete", "\n".join(self.log))

    def test_makes_one_again_whose_python_is_gone(self) -> None:
        self.make()
        self.interpreter.unlink()
        self.make()
        self.assertEqual(self.made, 2)

    def test_says_what_to_do_if_the_cache_cannot_be_written(self) -> None:
        (self.root / "cache").write_text("a file where a directory is needed")
        with self.assertRaisesRegex(InstallFailed, "set WSPROOF_CACHE"):
            self.make()

    def test_shows_the_end_of_what_a_failed_step_wrote(self) -> None:
        with self.assertRaisesRegex(InstallFailed, "could not fetch it: one / two"):
            environment.run(["sh", "-c", "echo one; echo two >&2; exit 1"], "fetch it")


class NeutralDirectoryTest(Machine):
    def test_keeps_modules_of_the_working_directory_out(self) -> None:
        (self.root / "platform.py").write_text("raise SystemExit('the wrong module')")
        self.enterContext(contextlib.chdir(self.root))
        self.assertIsNotNone(environment.probe_python(sys.executable, "", os.environ))
        environment.run([sys.executable, "-c", "import platform"], "import a module")


class CacheDirectoryTest(unittest.TestCase):
    def test_follows_the_environment(self) -> None:
        for environ, expected in (
            ({"WSPROOF_CACHE": "/a", "XDG_CACHE_HOME": "/b", "HOME": "/c"}, "/a"),
            ({"XDG_CACHE_HOME": "/b", "HOME": "/c"}, "/b/wsproof"),
            ({"HOME": "/c"}, "/c/.cache/wsproof"),
            ({"WSPROOF_CACHE": "", "XDG_CACHE_HOME": "", "HOME": "/c"}, "/c/.cache/wsproof"),
        ):
            self.assertEqual(environment.cache_directory(environ), Path(expected))


class PythonCandidatesTest(Machine):
    def test_come_once_each(self) -> None:
        real = self.python("opt/python2.7")
        self.bin.mkdir()
        for name in ("python2.7", "python2"):
            (self.bin / name).symlink_to(real)
        self.assertEqual(len(list(python2_candidates(self.environ, []))), 1)


if __name__ == "__main__":
    unittest.main()
