#!/usr/bin/env python3
"""Looks at one pending input: its cause, whether that is known, and the shortest input that has it.

    python3 -m night.triage NIGHT TARGET PROGRAM INPUT
    python3 -m night.triage NIGHT TARGET PROGRAM --recheck ID

A process of its own, so that fuzzing goes on meanwhile, and so that it can be killed: the input
stays pending until all of it is written. Exit status 0 done, 3 no room on the disk.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path

from fuzz_targets import MALLOC_LIMIT_MB, MEMORY_LIMIT_MB, TIMEOUT_SECONDS, environment
from night import storage
from night.causes import Cause, classify, find_cause, raw_cause
from night.findings import Findings
from night.minimise import minimise

EXIT_DISK_FULL = 3
REPLAYS = 3
MINIMISE_SECONDS = 60.0
HANG_TIMEOUT = 2  # seconds, where a hang is made shorter
MAX_REPORT = 64 << 10  # characters


def replay_options(timeout: int = TIMEOUT_SECONDS) -> list[str]:
    return [f"-timeout={timeout}", f"-malloc_limit_mb={MALLOC_LIMIT_MB}",
            f"-rss_limit_mb={MEMORY_LIMIT_MB}"]


def replay(program: Path, input_: Path, timeout: int = TIMEOUT_SECONDS,
           symbolize: bool = True) -> str:
    """What the target says of one input."""
    variables = environment()
    variables["ASAN_OPTIONS"] += ":malloc_context_size=20"
    if not symbolize:
        for name in ("ASAN_OPTIONS", "UBSAN_OPTIONS"):
            variables[name] = f"{variables.get(name, '')}:symbolize=0".lstrip(":")
    with tempfile.TemporaryDirectory() as artifacts:
        command = [str(program), *replay_options(timeout), f"-artifact_prefix={artifacts}/",
                   str(input_)]
        try:
            done = subprocess.run(command, check=False, text=True, errors="replace",
                                  stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                                  stdin=subprocess.DEVNULL, env=variables, timeout=timeout * 3 + 20)
        except subprocess.TimeoutExpired:
            return f"ERROR: libFuzzer: timeout after {timeout * 3 + 20} seconds, without a stack"
    if done.returncode != 0 and not classify(done.stdout):
        return f"{done.stdout}\nERROR: libFuzzer: ended with status {done.returncode}\n"
    return done.stdout


def shorten(program: Path, data: bytes, is_hang: bool) -> bytes:
    """The shortest input with the cause of `data`, as far as time allows."""
    timeout = HANG_TIMEOUT if is_hang else TIMEOUT_SECONDS
    with tempfile.TemporaryDirectory() as folder:
        candidate_file = Path(folder) / "candidate"

        def cause_of(candidate: bytes) -> tuple[str, ...] | None:
            candidate_file.write_bytes(candidate)
            return raw_cause(replay(program, candidate_file, timeout, symbolize=False))

        wanted = cause_of(data)
        if wanted is None:
            return data
        return minimise(data, lambda candidate: cause_of(candidate) == wanted, MINIMISE_SECONDS)


def triage(night: Path, target: str, program: Path, input_: Path) -> None:
    """Errors: storage.DiskFull."""
    findings = Findings(night)
    data = input_.read_bytes()
    log = input_.with_name(input_.name + ".log")
    engine = input_.with_name(input_.name + ".engine")
    reports = [replay(program, input_)]
    cause = find_cause(reports[0])
    seen = [cause]
    if cause is None:  # it may need what ran before it, or luck
        reports += [replay(program, input_) for _ in range(REPLAYS - 1)]
        seen = [find_cause(report) for report in reports]
        cause = next((each for each in seen if each), None)
    if cause is None:
        reports.append(log.read_text(errors="replace") if log.exists() else "")
        cause = find_cause(reports[-1]) or Cause("crash", f"seen once, as {input_.name[:8]}")
    if not findings.count_again(target, cause, data):
        if len(seen) == 1:
            seen += [find_cause(replay(program, input_)) for _ in range(REPLAYS - 1)]
        times = sum(each == cause for each in seen)
        minimised = shorten(program, data, cause.kind == "hang") if times == REPLAYS else data
        report = next(each for each in reports if find_cause(each) == cause or each is reports[-1])
        findings.add(target, cause, data, minimised, report[-MAX_REPORT:],
                     f"{times} of {REPLAYS}", engine.read_text() if engine.exists() else "libFuzzer")
    for path in (input_, log, engine):
        path.unlink(missing_ok=True)


def recheck(night: Path, target: str, program: Path, id_: str) -> None:
    """Looks whether a finding of an earlier build is still one. Errors: storage.DiskFull."""
    findings = Findings(night)
    finding = next(each for each in findings.all() if (each.target, each.id) == (target, id_))
    path = findings.folder_of(target, id_) / "minimised"
    causes = [find_cause(replay(program, path)) for _ in range(REPLAYS)]
    finding.replays = f"{sum(cause is not None for cause in causes)} of {REPLAYS}"
    finding.fixed = not any(causes)
    findings.save(finding)


def main(arguments: list[str]) -> int:
    night, target, program, *rest = arguments
    try:
        if rest[0] == "--recheck":
            recheck(Path(night), target, Path(program), rest[1])
        else:
            triage(Path(night), target, Path(program), Path(rest[0]))
    except storage.DiskFull as error:
        print(error, file=sys.stderr)
        return EXIT_DISK_FULL
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
