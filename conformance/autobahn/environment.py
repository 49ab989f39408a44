"""Finds an engine for Autobahn's cases, and makes its environment where there is none yet.

The order: WSPROOF_PYTHON2, a Python 2.7 on PATH, one of pyenv, the official image if Docker
answers; these run Autobahn|Testsuite itself. Without any of them kosoku, which runs Autobahn's
case files on Python 3.

Environments lie in WSPROOF_CACHE, or else in wsproof/ below XDG_CACHE_HOME or ~/.cache.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from engine import DRIVERS, HERE, Engine

AUTOBAHN = "autobahntestsuite"
KOSOKU = "kosoku"
ENGINES = (AUTOBAHN, KOSOKU)

SUITE_VERSION = "25.10.1"
IMAGE = f"crossbario/autobahn-testsuite:{SUITE_VERSION}"
PYTHON2_NAMES = ("python2.7", "python2", "pypy2.7", "pypy2", "pypy")
PYTHON3_NAMES = ("python3", "python3.13", "python3.12", "python3.11", "python3.10")
KOSOKU_MINIMUM = (3, 10)

PROBE_SECONDS = 20  # for a program to say which version it is
INSTALL_SECONDS = 900

# Python looks for modules in the working directory first; there should be none.
NEUTRAL_DIRECTORY = "/"

Log = Callable[[str], None]


class EngineUnavailable(Exception):
    """No engine can be had; the message says what was tried."""


class BadSetting(Exception):
    """An environment variable names something that does not work."""


class InstallFailed(Exception):
    """An environment could not be made."""


@dataclass(frozen=True)
class Python:
    """A Python interpreter that was seen to run."""

    path: str
    version: tuple[int, int, int]
    name: str  # such as CPython 2.7.18
    found: str


def find_engine(
    choice: str = "auto", log: Log = print, environ: Mapping[str, str] | None = None
) -> Engine:
    """Finds the engine that `choice` (autobahntestsuite, kosoku or auto) asks for.

    Makes its environment if there is none; that takes the network and a minute. `log` gets a
    line for each step of that.
    Errors: EngineUnavailable, BadSetting.
    """
    environ = os.environ if environ is None else environ
    tried: list[str] = []
    if choice in ("auto", AUTOBAHN):
        for python in python2_candidates(environ, tried):
            try:
                return python2_engine(python, cache_directory(environ), log)
            except InstallFailed as error:
                tried.append(f"{python.name} ({python.found}): {error}")
        engine = docker_engine(environ, tried, log)
        if engine is not None:
            return engine
    if choice in ("auto", KOSOKU):
        for line in tried:
            log(f"Autobahn|Testsuite itself: {line}")
        python3 = python3_for_kosoku(environ, tried)
        if python3 is not None:
            try:
                return kosoku_engine(python3, cache_directory(environ), log)
            except InstallFailed as error:
                tried.append(f"kosoku: {error}")
    raise EngineUnavailable("no engine for Autobahn's cases: " + "; ".join(tried))


def cache_directory(environ: Mapping[str, str]) -> Path:
    """Returns where environments are kept."""
    if environ.get("WSPROOF_CACHE"):
        return Path(environ["WSPROOF_CACHE"])
    base = environ.get("XDG_CACHE_HOME") or Path(environ.get("HOME", "~")).expanduser() / ".cache"
    return Path(base) / "wsproof"


# Python 2.7


def python2_candidates(environ: Mapping[str, str], tried: list[str]) -> Iterator[Python]:
    """Yields each working Python 2.7, in the order of preference.

    Appends to `tried` why there are none, or what looked like one and is not.
    Errors: BadSetting if WSPROOF_PYTHON2 names no Python 2.7: to take another silently would
    not be what was asked for.
    """
    named = environ.get("WSPROOF_PYTHON2")
    if named:
        path = os.path.abspath(named) if "/" in named else named
        python = probe_python(path, "named by WSPROOF_PYTHON2", environ)
        if python is None or python.version[:2] != (2, 7):
            raise BadSetting(
                f"WSPROOF_PYTHON2 is {named!r}, which is no working Python 2.7; "
                "give the path of an interpreter such as /usr/bin/python2.7, or unset it"
            )
        yield python
        return
    seen: set[str] = set()
    found = False
    for path, how in _python2_paths(environ):
        real = os.path.realpath(path)
        if real in seen:
            continue
        seen.add(real)
        python = probe_python(path, how, environ)
        if python is None:
            tried.append(f"{path} does not run")
        elif python.version[:2] == (2, 7):
            found = True
            yield python
    if not found:
        tried.append("no Python 2.7 on PATH or of pyenv")


def _python2_paths(environ: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    for name in PYTHON2_NAMES:
        path = shutil.which(name, path=environ.get("PATH", ""))
        # A shim of pyenv says little: the version it stands for may not be chosen. They follow.
        if path and Path(path).parent.name != "shims":
            yield path, "on PATH"
    roots = [Path(environ.get("HOME", "~")).expanduser() / ".pyenv"]
    if environ.get("PYENV_ROOT"):
        roots.insert(0, Path(environ["PYENV_ROOT"]))
    for root in roots:
        for name in ("python2.7", "pypy"):
            for interpreter in sorted(root.glob(f"versions/*/bin/{name}"), reverse=True):
                yield str(interpreter), "of pyenv"


def probe_python(path: str, found: str, environ: Mapping[str, str]) -> Python | None:
    """Runs an interpreter to see whether it runs and which version it is."""
    code = (
        "import platform, sys; "
        "print('%s %d %d %d' % ((platform.python_implementation(),) + tuple(sys.version_info[:3])))"
    )
    try:
        output = subprocess.run(
            [path, "-c", code], env=dict(environ), capture_output=True, text=True, check=True,
            timeout=PROBE_SECONDS, stdin=subprocess.DEVNULL, cwd=NEUTRAL_DIRECTORY,
        ).stdout.split()
        implementation, *numbers = output
        major, minor, micro = map(int, numbers)
    except (OSError, subprocess.SubprocessError, ValueError):
        return None
    return Python(path, (major, minor, micro), f"{implementation} {major}.{minor}.{micro}", found)


def python2_engine(python: Python, cache: Path, log: Log) -> Engine:
    """Returns Autobahn|Testsuite in a virtual environment of this Python 2.7.

    Errors: InstallFailed.
    """
    requirements = HERE / "requirements-python2.txt"
    accelerators = HERE / "requirements-python2-accelerators.txt"
    tools = HERE / "requirements-virtualenv.txt"
    key = environment_key(
        os.path.realpath(python.path), python.name,
        *(file.read_text() for file in (requirements, accelerators, tools)),
    )
    directory = cache / f"{AUTOBAHN}-{SUITE_VERSION}-{key}"
    interpreter = directory / "python2" / "bin" / "python"

    def make() -> None:
        # The last virtualenv that makes environments for Python 2.7 needs one of its own.
        run([sys.executable, "-m", "venv", str(directory / "tools")], "make a Python 3 venv")
        tool = str(directory / "tools" / "bin" / "python")
        run([tool, "-m", "pip", "install", "--quiet", "--no-deps", "-r", str(tools)],
            "install virtualenv from PyPI")
        run([tool, "-m", "virtualenv", "--quiet", "--no-periodic-update", "-p", python.path,
             str(directory / "python2")], f"make a virtual environment of {python.name}")
        run([str(interpreter), "-m", "pip", "install", "--quiet", "--no-deps", "-r",
             str(requirements)], "install Autobahn|Testsuite from PyPI")
        if python.name.startswith("CPython"):
            try:
                run([str(interpreter), "-m", "pip", "install", "--quiet", "--no-deps", "-r",
                     str(accelerators)], "compile wsaccel")
            except InstallFailed as error:
                log(f"the suite will be slower: {error}")
        run([str(interpreter), "-c", "import autobahntestsuite.wstest"],
            "import Autobahn|Testsuite")

    log_made = f"{AUTOBAHN} {SUITE_VERSION} for {python.name} ({python.path})"
    make_environment(directory, interpreter, make, log_made, log)
    return Engine(
        name=AUTOBAHN,
        found=f"{AUTOBAHN} {SUITE_VERSION} on {python.name} {python.found}: {python.path}",
        command=(str(interpreter), "-u", str(DRIVERS / "drive_autobahn.py")),
    )


# Docker


def docker_engine(environ: Mapping[str, str], tried: list[str], log: Log) -> Engine | None:
    """Returns the official image of Autobahn|Testsuite, pulled if need be, or None."""
    docker = shutil.which("docker", path=environ.get("PATH", ""))
    if docker is None:
        tried.append("no docker on PATH")
        return None

    def ask(*arguments: str, seconds: float = PROBE_SECONDS) -> str | None:
        try:
            return subprocess.run(
                [docker, *arguments], env=dict(environ), capture_output=True, text=True,
                check=True, timeout=seconds, stdin=subprocess.DEVNULL,
            ).stdout.strip()
        except (OSError, subprocess.SubprocessError):
            return None

    if ask("info") is None:
        tried.append("docker does not answer")
        return None
    digest = ("image", "inspect", "--format", "{{index .RepoDigests 0}}", IMAGE)
    image = ask(*digest)
    if image is None:
        log(f"pulling the image {IMAGE}")
        if ask("pull", IMAGE, seconds=INSTALL_SECONDS) is None:
            tried.append(f"docker could not pull {IMAGE}")
            return None
        image = ask(*digest) or IMAGE
    # The image has a Python 2.7 (PyPy) somewhere; the first line of wstest says where.
    driver = 'exec $(sed -n "1s/^#! *//p" "$(command -v wstest)") -u "$@"'
    return Engine(
        name=AUTOBAHN,
        found=f"{AUTOBAHN} in the image {image}",
        command=(docker, "sh", "-c", driver, "sh", str(DRIVERS / "drive_autobahn.py")),
        image=image,
    )


# kosoku


def python3_for_kosoku(environ: Mapping[str, str], tried: list[str]) -> Python | None:
    """Returns a Python that is new enough for kosoku, preferring the one that runs this."""
    if sys.version_info >= KOSOKU_MINIMUM:
        return probe_python(sys.executable, "that runs wsproof", environ)
    for name in PYTHON3_NAMES:
        path = shutil.which(name, path=environ.get("PATH", ""))
        python = path and probe_python(path, "on PATH", environ)
        if python and python.version >= KOSOKU_MINIMUM:
            return python
    tried.append("kosoku needs Python 3.10, and there is none on PATH")
    return None


def kosoku_engine(python: Python, cache: Path, log: Log) -> Engine:
    """Returns kosoku in a virtual environment of this Python 3.

    Errors: InstallFailed.
    """
    requirements = HERE / "requirements-kosoku.txt"
    version = requirements.read_text().split("kosoku==", 1)[1].split()[0]
    key = environment_key(os.path.realpath(python.path), python.name, requirements.read_text())
    directory = cache / f"{KOSOKU}-{version}-{key}"
    interpreter = directory / "bin" / "python"

    def make() -> None:
        run([python.path, "-m", "venv", str(directory)], "make a Python 3 venv")
        run([str(interpreter), "-m", "pip", "install", "--quiet", "--no-deps", "--only-binary",
             ":all:", "-r", str(requirements)], "install kosoku from PyPI")
        run([str(interpreter), "-c", "import kosoku"], "import kosoku")

    make_environment(directory, interpreter, make, f"{KOSOKU} {version} for {python.name}", log)
    return Engine(
        name=KOSOKU,
        found=f"{KOSOKU} {version} on {python.name} {python.found}: {python.path}",
        command=(str(interpreter), "-u", str(DRIVERS / "drive_kosoku.py")),
        tells_of_clients=False,
        speaks_tls=False,
    )


# Making environments


def environment_key(*parts: str) -> str:
    """Returns a short name for what an environment is made from."""
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:12]


def make_environment(
    directory: Path, interpreter: Path, make: Callable[[], None], what: str, log: Log
) -> None:
    """Makes what belongs into `directory`, unless it is there and whole.

    A marker is written last: an environment without it was left half made and is made again.
    Errors: InstallFailed.
    """
    marker = directory / "complete.json"

    def is_whole() -> bool:
        return marker.is_file() and os.access(interpreter, os.X_OK)

    if is_whole():
        return
    with locked(directory.with_name(directory.name + ".lock"), what, log):
        if is_whole():
            return
        if directory.exists():
            log(f"removing {directory}, which is not complete")
            shutil.rmtree(directory)
        log(f"making an environment with {what} in {directory}")
        make()
        part = directory / "complete.part"
        part.write_text(json.dumps({"what": what}) + "\n", encoding="utf-8")
        part.replace(marker)


@contextlib.contextmanager
def locked(path: Path, what: str, log: Log) -> Iterator[None]:
    """Holds a lock between processes."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        lock = path.open("w")
    except OSError as error:
        raise InstallFailed(
            f"cannot write to {path.parent} ({error.strerror}); set WSPROOF_CACHE to a directory "
            "that can be written to"
        ) from error
    with lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            log(f"waiting for another process that makes {what}")
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def run(command: list[str], purpose: str) -> None:
    """Runs a step of making an environment.

    Errors: InstallFailed, with the end of what the command wrote.
    """
    environ = dict(os.environ, PIP_DISABLE_PIP_VERSION_CHECK="1", PIP_NO_INPUT="1",
                   PYTHONWARNINGS="ignore")
    try:
        done = subprocess.run(
            command, env=environ, capture_output=True, text=True, errors="replace",
            timeout=INSTALL_SECONDS, stdin=subprocess.DEVNULL, cwd=NEUTRAL_DIRECTORY,
        )
    except subprocess.TimeoutExpired as error:
        raise InstallFailed(f"could not {purpose} within {INSTALL_SECONDS} s") from error
    except OSError as error:
        raise InstallFailed(f"could not {purpose}: {error}") from error
    if done.returncode != 0:
        lines = [line for line in (done.stdout + done.stderr).splitlines() if line.strip()]
        raise InstallFailed(f"could not {purpose}: " + " / ".join(lines[-4:]))
