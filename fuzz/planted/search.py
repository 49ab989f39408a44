#!/usr/bin/env python3
"""Lets the fuzzers look for faults that were planted, each from the seeds on one core.

    search.py --build-dir build/fuzz [--only ID,..] [--seed N]

A fault counts as found if it took less than 60 seconds of processor time. Times are of the processor,
so that they say the same on a machine that does other things; the wall clock stands beside them.
Writes fuzz-out/planted.json beside the build directory, which the page of a night shows.
Exit status: 0 all were found, 1 one was not, 2 bad usage, 4 not built.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from fuzz_targets import Places, environment, limits_of  # noqa: E402
from night import storage  # noqa: E402
from night.causes import find_cause  # noqa: E402
from planted.plant import load  # noqa: E402

LIMIT = 60.0  # seconds of processor time
WALL_FACTOR = 5  # a busy machine may take so much longer
SEED = 6455


def command_for(program: Path, target: str, corpus: Path, artifacts: Path, seed: int) -> list[str]:
    places = Places.of(target, program.parent.parent, corpus.parent)
    command = [str(program), f"-max_total_time={LIMIT * WALL_FACTOR:.0f}", f"-seed={seed}",
               *limits_of(target), f"-artifact_prefix={artifacts}/"]
    if places.dictionary.is_file():
        command.append(f"-dict={places.dictionary}")
    return command + [str(corpus), *(str(folder) for folder in (places.seeds, places.regressions)
                                     if folder.is_dir())]


def look_for(fault: dict[str, str], program: Path, seed: int) -> dict[str, Any]:
    """Fuzzes until the fault is found, or the time is up."""
    folder = Path(tempfile.mkdtemp(prefix="planted"))
    try:
        corpus, artifacts, log = folder / "corpus", folder / "artifacts", folder / "log"
        corpus.mkdir()
        artifacts.mkdir()
        begun = time.monotonic()
        with open(log, "wb") as output:
            process = subprocess.Popen(
                command_for(program, fault["target"], corpus, artifacts, seed), stdout=output,
                stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL, env=environment())
            _, status, usage = os.wait4(process.pid, 0)
            process.returncode = os.waitstatus_to_exitcode(status)
        text = log.read_text(errors="replace")
        cause = find_cause(text) if any(artifacts.iterdir()) else None
        spent = usage.ru_utime + usage.ru_stime
        found = cause is not None and spent < LIMIT
        return {"id": fault["id"], "area": fault["area"], "fault": fault["fault"],
                "target": fault["target"], "seconds": round(spent, 2) if found else None,
                "wall": round(time.monotonic() - begun, 2),
                "cause": f"{cause.kind}: {cause.title}" if cause else
                f"nothing (status {process.returncode})"}
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--build-dir", type=Path, required=True)
    parser.add_argument("--output", type=Path, help="default: fuzz-out beside the build directory")
    parser.add_argument("--only", metavar="ID,..")
    parser.add_argument("--seed", type=int, default=SEED)
    chosen = parser.parse_args(arguments)
    faults = load()
    if chosen.only:
        faults = [fault for fault in faults if fault["id"] in chosen.only.split(",")]
    if not faults:
        parser.error("no such fault")
    output = chosen.output or chosen.build_dir.resolve().parent / "fuzz-out"
    results = []
    for fault in faults:
        program = chosen.build_dir.resolve() / "planted" / f"planted_{fault['id']}"
        if not program.is_file():
            print(f"{program} does not exist; ./dev fuzz --planted builds it", file=sys.stderr)
            return 4
        result = look_for(fault, program, chosen.seed)
        results.append(result)
        time_ = "NOT FOUND" if result["seconds"] is None else f"{result['seconds']:6.2f} s"
        print(f"{time_:>9}  {result['area']:11}  {result['fault']}  ({result['cause']})", flush=True)
    missed = sum(result["seconds"] is None for result in results)
    print(f"{len(results) - missed} of {len(results)} planted faults found in less than "
          f"{LIMIT:.0f} s of one core each")
    if not chosen.only:
        output.mkdir(parents=True, exist_ok=True)
        storage.write_json(output / "planted.json", {"seed": chosen.seed, "faults": results})
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
