"""clang-tidy of the translation units of a build, those left out that were clean before.

Usage: tidy.py --build DIR [--jobs N] DIRECTORY...

Looks at the units of DIR/compile_commands.json that lie in one of the directories (relative to the
root of the repository), and at the headers that they include. A unit that was clean is not looked at
again as long as its command, every file that it includes, .clang-tidy and clang-tidy are the same:
a file named by the hash of all these is kept in WSPROOF_CACHE, or else in wsproof/ below
XDG_CACHE_HOME or ~/.cache. So a run that was interrupted goes on where it was.

Most of the time goes into the headers of libraries, so the units of a folder that are compiled alike
are looked at in one piece. Where two of them cannot stand in one unit, they are looked at in halves.
Exit status: 0 clean, 1 findings, which are printed, 4 clang-tidy broke.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import shlex
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.append(str(ROOT / "conformance" / "autobahn"))

from environment import cache_directory  # noqa: E402

CLANG_TIDY = "clang-tidy-19"
CLANG = "clang++-19"
BROKEN = 4

# Units in one piece; more of them take too much memory, and fewer cores.
MAX_GROUP = 12


@dataclass(frozen=True)
class Unit:
    """A translation unit: its source, and the command that compiles it."""

    source: Path
    command: str


def units_in(build: Path, directories: Sequence[Path]) -> list[Unit]:
    """Returns the units below the directories, each source once."""
    units: dict[Path, Unit] = {}
    for entry in json.loads((build / "compile_commands.json").read_text()):
        source = Path(entry["directory"], entry["file"])
        if any(source.is_relative_to(directory) for directory in directories):
            units.setdefault(source, Unit(source, entry["command"]))
    return list(units.values())


def flags_of(unit: Unit) -> list[str]:
    """Returns the flags that the compiler gets, without files, and without ccache and its like."""
    words = shlex.split(unit.command)
    flags = []
    for before, word in zip(words, words[1:], strict=False):
        if before in ("-o", "-MF", "-MT", "-c") or word in ("-o", "-MF", "-MT", "-MD", "-c"):
            continue
        if flags or word.startswith("-"):
            flags.append(word)
    return flags


def included_by(unit: Unit, build: Path) -> list[Path]:
    """Returns the files that the unit includes; none if the preprocessor cannot tell."""
    done = subprocess.run([CLANG, "-M", unit.source, *flags_of(unit), "-Wno-everything"], cwd=build,
                          text=True, check=False, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    rule = done.stdout.replace("\\\n", " ").partition(":")[2]
    return [build / name for name in rule.split()] if done.returncode == 0 else []


@cache
def digest(path: Path) -> bytes:
    try:
        return hashlib.sha256(path.read_bytes()).digest()
    except FileNotFoundError:  # a name with a space in it, perhaps: the unit is looked at each time
        return os.urandom(32)


def key(unit: Unit, files: Sequence[Path], tool: str) -> str:
    """Returns the name under which a clean `unit` is remembered. `tool`: clang-tidy's version."""
    whole = hashlib.sha256(tool.encode() + digest(ROOT / ".clang-tidy"))
    # A clone in another place has the same findings.
    whole.update(unit.command.replace(str(ROOT), "").encode())
    for file in sorted({unit.source, *files}):
        whole.update(digest(file))
    return whole.hexdigest()


def groups_of(units: Sequence[Unit]) -> list[list[Unit]]:
    """Returns the units of the same folder and flags together, the largest groups first."""
    alike: dict[tuple[Path, tuple[str, ...]], list[Unit]] = {}
    for unit in units:
        alike.setdefault((unit.source.parent, tuple(flags_of(unit))), []).append(unit)
    groups = []
    for members in alike.values():
        count = -(-len(members) // MAX_GROUP)
        groups += [members[start::count] for start in range(count)]
    return sorted(groups, key=len, reverse=True)


def look_at(units: Sequence[Unit], build: Path) -> list[tuple[Unit, bool, str]]:
    """Returns for each unit whether it is clean, and what clang-tidy says.

    What is said of units in one piece stands at the first one of them.
    """
    with tempfile.TemporaryDirectory() as folder:
        piece = units[0].source
        if len(units) > 1:
            piece = Path(folder, "piece.cpp")
            piece.write_text("".join(f'#include "{unit.source}"\n' for unit in units))
            compiles = subprocess.run(
                [CLANG, "-fsyntax-only", "-w", piece, *flags_of(units[0])], cwd=build, check=False,
                stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL).returncode == 0
            if not compiles:
                middle = len(units) // 2
                return look_at(units[:middle], build) + look_at(units[middle:], build)
        done = subprocess.run(
            [CLANG_TIDY, "-quiet", "--checks=-bugprone-suspicious-include", piece, "--",
             *flags_of(units[0]), "-Wno-unknown-warning-option"],  # some are of GCC alone
            cwd=build, text=True, check=False, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    said = done.stdout.strip()
    if done.returncode != 0 and not said:
        said = f"{units[0].source}: {CLANG_TIDY} broke: {done.stderr.strip()[-2000:]}"
    return [(unit, done.returncode == 0, said if unit is units[0] else "") for unit in units]


def verdicts(units: Sequence[Unit], build: Path, jobs: int) -> Iterator[tuple[Unit, bool, str]]:
    """Yields each unit with what look_at() returns, as they become ready."""
    with ThreadPoolExecutor(jobs) as pool:
        running = [pool.submit(look_at, group, build) for group in groups_of(units)]
        try:
            for ready in as_completed(running):
                yield from ready.result()
        finally:
            pool.shutdown(wait=True, cancel_futures=True)


def tidy(build: Path, directories: Sequence[Path], jobs: int) -> int:
    """Looks at all that has to be looked at, and returns the exit status."""
    tool = subprocess.run([CLANG_TIDY, "--version"], check=True, text=True,
                          stdout=subprocess.PIPE).stdout
    clean = cache_directory(os.environ) / "clang-tidy"
    clean.mkdir(parents=True, exist_ok=True)
    names: dict[Unit, str] = {}
    units = units_in(build, directories)
    with ThreadPoolExecutor(jobs) as pool:
        included = pool.map(lambda unit: included_by(unit, build), units)
        for unit, files in zip(units, included, strict=True):
            if files:  # else nothing tells when it changes
                names[unit] = key(unit, files, tool)
    waiting = [unit for unit in units if not (unit in names and (clean / names[unit]).exists())]
    print(f"{len(units)} units, {len(waiting)} of them to look at", flush=True)

    bad = 0
    for count, (unit, is_clean, said) in enumerate(verdicts(waiting, build, jobs), start=1):
        name = unit.source.relative_to(ROOT)
        print(f"[{count}/{len(waiting)}] {'clean' if is_clean else 'FINDINGS'} {name}", flush=True)
        if not is_clean:
            bad += 1
            if said:
                print(said, file=sys.stderr, flush=True)
        elif unit in names:
            (clean / names[unit]).touch()
    return 1 if bad else 0


def main(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(description="clang-tidy of what was not clean before.")
    parser.add_argument("--build", type=Path, required=True)
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    parser.add_argument("directories", nargs="+")
    options = parser.parse_args(arguments)
    try:
        return tidy(options.build.resolve(), [ROOT / name for name in options.directories],
                    options.jobs)
    except (OSError, subprocess.CalledProcessError) as error:
        print(f"tidy.py: {error}", file=sys.stderr)
        return BROKEN
    except KeyboardInterrupt:
        return BROKEN


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
