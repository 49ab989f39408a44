#!/usr/bin/env python3
"""Plays the whole suite many times and tells which verdict changed: ./dev repeats.

Each endpoint goes through the default run again and again, several runs side by side, of one
endpoint too, since a client that plays the cases in turn waits for most of its time. What was
found is kept after each run, so that the same command goes on where it was interrupted; another
build of wsproof or another version of the endpoint begins anew.

Exit status: 0 no verdict changed, 1 some did, 2 bad usage, 4 not run or interrupted.
"""

from __future__ import annotations

import argparse
import asyncio
import hashlib
import json
import os
import sys
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from endpoints import BROKEN, FAILED, ROOT, USAGE, plan, wsproof_command
from manifest import HERE, BadManifest, CannotInstall, read_all

sys.path.insert(0, str(ROOT / "impl" / "dev"))

import run_file  # noqa: E402
from processes import Processes  # noqa: E402
from run_reference import native_jobs  # noqa: E402

REFERENCE = "reference"
DEFAULT = (REFERENCE, "tungstenite", "websocketpp")  # without compression, so a run is short
ROLES = ("server", "client")
EVIDENCE = HERE / "repeats.json"
FORMAT, VERSION = "wsproof-repeats", 1
WHOLE = ("passed", "failed")  # the status of a run that came to its end
SHOWN = 20  # changes on a terminal


@dataclass(frozen=True)
class Repeated:
    """An endpoint in a role, and how it is played once."""

    endpoint: str
    role: str
    version: str | None
    command: list[str]
    folder: Path
    run: Path  # where that leaves its run file

    def numbered(self, number: int) -> Repeated:
        """The same with a run file of its own."""
        run = self.run.with_name(f"{self.run.stem}-{number}{self.run.suffix}")
        return replace(self, run=run, command=[str(run) if word == str(self.run) else word
                                               for word in self.command])

    @property
    def label(self) -> str:
        """Names its files."""
        return f"{self.endpoint}-{self.role}"


def digest_of(program: Path) -> str:
    """Tells a build of a program from another."""
    return hashlib.sha256(program.read_bytes()).hexdigest()[:16]


def choose(names: list[str], roles: list[str], cases: list[str], build: Path,
           out: Path) -> list[Repeated]:
    """Returns what is to be played; installs what is named. Errors: BadManifest, CannotInstall."""
    wsproof = build / "wsproof"
    chosen = []
    if REFERENCE in names:
        for job in native_jobs(build, out, quick=False):
            if job.label in roles:
                only = ["--cases", ",".join(cases)] if cases else []
                program = build / "impl" / "apps" / f"echo_{job.label}"
                job.run_file.parent.mkdir(parents=True, exist_ok=True)
                chosen.append(Repeated(REFERENCE, job.label, digest_of(program),
                                       [*job.command, "--quiet", *only], ROOT, job.run_file))
    others = [name for name in names if name != REFERENCE]
    for endpoint in read_all(others) if others else []:
        endpoint.install()
        options = argparse.Namespace(cases=cases, quick=False, update_baselines=False)
        for job in plan([endpoint], roles, tls=False):
            run = out / "runs" / f"{job.name}.json"
            chosen.append(Repeated(endpoint.name, job.role, endpoint.find_version(),
                                   wsproof_command(job, wsproof, run, options), endpoint.folder,
                                   run))
    return chosen


def verdict_of(case: dict[str, Any]) -> str:
    """Both verdicts of a case."""
    compatible = case.get("compatible") or {}
    pair = ", ".join(filter(None, (compatible.get("behavior"), compatible.get("behavior_close"))))
    return f"{case['verdict']} ({pair})" if pair else str(case["verdict"])


def begin(repeated: Repeated, wsproof: str, selection: list[str]) -> dict[str, Any]:
    """What is known before the first run."""
    return {"format": FORMAT, "version": VERSION, "endpoint": repeated.endpoint,
            "role": repeated.role, "endpoint_version": repeated.version, "wsproof": wsproof,
            "selection": selection, "runs": 0, "seconds": 0.0, "changed": [], "verdicts": {}}


def add(known: dict[str, Any], run: dict[str, Any]) -> None:
    """Adds a run; `changed` gets the cases whose verdict is not that of the first."""
    known["runs"] += 1
    known["seconds"] = round(known["seconds"] + run["duration_ms"] / 1000, 1)
    known["last"] = run["started"][:10]
    known.setdefault("first", known["last"])
    if run["status"] not in WHOLE:
        known["changed"].append({"case": None, "run": known["runs"], "was": "whole",
                                 "is": run["status"], "reason": run["reason"]})
        return
    found = {case_id: verdict_of(case) for case_id, case in run["cases"].items()}
    if not known["verdicts"]:
        known["verdicts"] = found
    for case_id in sorted(known["verdicts"].keys() | found.keys(), key=run_file.case_order):
        was, is_now = known["verdicts"].get(case_id), found.get(case_id)
        if was != is_now:
            reason = run["cases"].get(case_id, {}).get("reason")
            known["changed"].append({"case": case_id, "run": known["runs"], "was": was,
                                     "is": is_now, "reason": reason})


def load(path: Path) -> dict[str, Any] | None:
    """Reads what is kept; None if there is nothing whole."""
    try:
        known = json.loads(path.read_bytes())
        return known if (known["format"], known["version"]) == (FORMAT, VERSION) else None
    except (OSError, ValueError, KeyError, TypeError):
        return None


def save(value: Any, path: Path) -> None:
    """Writes a file that is there as a whole or not at all."""
    part = path.with_name(f"{path.name}.{os.getpid()}.part")
    part.write_text(json.dumps(value, indent=1) + "\n", encoding="utf-8")
    part.replace(path)


async def play(repeated: Repeated, known: dict[str, Any], times: int, kept: Path,
               slots: asyncio.Semaphore, processes: Processes) -> None:
    """Plays once, and adds that to what is known."""
    async with slots:
        process = await processes.start(
            repeated.command, cwd=repeated.folder, stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.DEVNULL)
        await process.wait()
        await processes.end(process)
    # Of our own program, as its tests have it: to check it again takes longer than the run.
    run = json.loads(repeated.run.read_bytes())
    before = len(known["changed"])
    add(known, run)
    save(known, kept)
    changes = known["changed"][before:]
    if changes:
        repeated.run.replace(kept.with_name(f"{repeated.label}-run{known['runs']}.json"))
    else:
        repeated.run.unlink()
    print(f"{repeated.label}: {known['runs']} of {times}, {len(run['cases'])} cases, "
          f"{run['duration_ms'] / 1000:.0f} s"
          + (f", {len(changes)} changed" if changes else ""), flush=True)
    for change in changes[:SHOWN]:
        print(f"    {change['case']}: {change['was']} | {change['is']}: {change['reason']}",
              flush=True)


def summaries(found: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """What is committed: all but the verdicts."""
    for known in found:
        yield {**{name: value for name, value in known.items() if name != "verdicts"},
               "cases": len(known["verdicts"])}


def write_evidence(found: list[dict[str, Any]], path: Path) -> None:
    """Adds to the evidence, in which what the same build has found before is replaced."""
    def key(entry: dict[str, Any]) -> tuple[str, ...]:
        return tuple(str(entry[name]) for name in
                     ("endpoint", "role", "endpoint_version", "wsproof", "selection"))

    entries = {key(entry): entry for entry in
               (json.loads(path.read_bytes()) if path.exists() else [])}
    entries.update((key(entry), entry) for entry in summaries(found) if entry["runs"])
    save(list(entries.values()), path)


async def repeat_all(chosen: list[Repeated], options: argparse.Namespace) -> list[dict[str, Any]]:
    """Plays everything. Returns what is known of each. Errors: OSError, ValueError."""
    wsproof = digest_of(options.build / "wsproof")
    found, work = [], []
    slots = asyncio.Semaphore(options.side_by_side)
    async with Processes() as processes:
        for repeated in chosen:
            kept = options.out / f"{repeated.label}.json"
            fresh = begin(repeated, wsproof, options.cases)
            known = load(kept)
            same = known and all(known[name] == fresh[name] for name in
                                 ("endpoint_version", "wsproof", "selection"))
            found.append(known if known and same else fresh)
            for number in range(found[-1]["runs"], options.times):
                numbered = repeated.numbered(number)
                numbered.run.unlink(missing_ok=True)
                work.append((number, play(numbered, found[-1], options.times, kept, slots,
                                          processes)))
        # Who asks first is served first, so this keeps the endpoints abreast.
        await asyncio.gather(*(one for _, one in sorted(work, key=lambda each: each[0])))
    return found


def main(words: list[str]) -> int:
    """Returns the exit status."""
    parser = argparse.ArgumentParser(prog="./dev repeats", description=__doc__, allow_abbrev=False,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*", metavar="NAME",
                        help=f"of endpoints, or {REFERENCE}; default: {', '.join(DEFAULT)}")
    parser.add_argument("--role", action="append", choices=ROLES, default=[], help="only this role")
    parser.add_argument("--times", type=int, default=100, metavar="N", help="runs of each (100)")
    parser.add_argument("--cases", action="append", default=[],
                        help="ids, sections or globs; default: all")
    parser.add_argument("--side-by-side", type=int, metavar="N", default=os.cpu_count() or 1,
                        help="runs at a time; default: as many as there are cores")
    parser.add_argument("--out", type=Path, metavar="DIR", default=ROOT / "build" / "repeats",
                        help="where it is kept, with the run files in which a verdict changed")
    parser.add_argument("--evidence", action="store_true",
                        help=f"write {EVIDENCE.relative_to(ROOT)} as well")
    parser.add_argument("--build", type=Path, metavar="DIR", default=ROOT / "build" / "release",
                        help="where wsproof and the reference are")
    options = parser.parse_args(words)
    if options.times < 1 or options.side_by_side < 1:
        parser.error("--times and --side-by-side take numbers from 1 on")
    options.out, options.build = options.out.resolve(), options.build.resolve()
    (options.out / "runs").mkdir(parents=True, exist_ok=True)
    try:
        chosen = choose(options.names or list(DEFAULT), options.role or list(ROLES),
                        options.cases, options.build, options.out)
    except BadManifest as error:
        print(f"repeats: {error}", file=sys.stderr)
        return USAGE
    except (CannotInstall, OSError) as error:
        print(f"repeats: {error}", file=sys.stderr)
        return BROKEN
    try:
        found = asyncio.run(repeat_all(chosen, options))
    except (OSError, ValueError) as error:
        print(f"repeats: a run left no run file: {error}", file=sys.stderr)
        return BROKEN
    except KeyboardInterrupt:
        print("repeats: interrupted; the same command goes on from here", file=sys.stderr)
        return BROKEN
    if options.evidence:
        write_evidence(found, EVIDENCE)
    for known in found:
        print(f"{known['endpoint']} as {known['role']}: {known['runs']} runs of "
              f"{len(known['verdicts'])} cases, {len(known['changed'])} verdicts changed")
    return FAILED if any(known["changed"] for known in found) else 0


if __name__ == "__main__":
    os.environ.setdefault("NO_COLOR", "1")
    sys.exit(main(sys.argv[1:]))
