"""Programs that behave like libFuzzer targets, for tests: they crash, hang, leak, or find nothing."""

from __future__ import annotations

import sys
from pathlib import Path

# An input starts with what it makes the target do; "needle" anywhere is enough for a mismatch.
FAKE = r'''#!{python} -SE
import hashlib, os, pathlib, signal, sys, time
options = dict(argument[1:].split("=", 1) for argument in sys.argv[1:] if argument.startswith("-"))
paths = [pathlib.Path(argument) for argument in sys.argv[1:] if not argument.startswith("-")]
prefix = options.get("artifact_prefix", "./")

def stop(kind, report, data):
    name = kind + "-" + hashlib.sha1(data).hexdigest()
    pathlib.Path(prefix + name).write_bytes(data)
    print(report + "\nTest unit written to " + prefix + name, flush=True)
    os._exit(77)

def run(data):
    if b"needle" in data:
        stop("crash", "broken: no needle\n==1== ERROR: libFuzzer: deadly signal", data)
    if data.startswith(b"hang"):
        stop("timeout", "==1== ERROR: libFuzzer: timeout after 1 seconds", data)
    if data.startswith(b"leak"):
        stop("leak", "==1==ERROR: LeakSanitizer: detected memory leaks", data)
    if data.startswith(b"memory"):
        stop("oom", "==1== ERROR: libFuzzer: out-of-memory (used: 2000Mb)", data)

def files(folders):
    return [path for folder in folders for path in sorted(folder.iterdir()) if path.is_file()]

{body}
if options.get("merge") == "1":
    seen = {{path.read_bytes()[:4] for path in files(paths[:1])}}
    for path in files(paths[1:]):
        data = path.read_bytes()
        if data[:4] not in seen:
            seen.add(data[:4])
            (paths[0] / hashlib.sha1(data).hexdigest()).write_bytes(data)
    sys.exit(0)
if paths and paths[0].is_file():
    for path in paths:
        print("Running: " + str(path), flush=True)
        run(path.read_bytes())
    sys.exit(0)
count = len(files(paths))
if "print_coverage" in options:
    print("COVERAGE:\nCOVERED_FUNC: hits: 1 edges: %d/40 f /root/impl/a.cpp:1" % min(count, 40))
    for line in range(count, 40):
        print("  UNCOVERED_PC: /root/impl/a.cpp:%d:1" % line)
    sys.exit(0)
stopped = []
signal.signal(signal.SIGTERM, lambda *_: stopped.append(1))
signal.signal(signal.SIGINT, lambda *_: stopped.append(1))
end = time.monotonic() + float(options.get("max_total_time", 1))
runs = 0
while time.monotonic() < end and not stopped:
    runs += 1000
    found = b"%04d" % count
    (paths[0] / hashlib.sha1(found).hexdigest()).write_bytes(found)
    count += 1
    print("#%d NEW    cov: %d ft: %d corp: %d/9Kb exec/s: 1000" % (runs, count, 2 * count, count),
          flush=True)
    {each}
    signal.sigtimedwait([signal.SIGUSR1], 0.05)
print("stat::number_of_executed_units: %d" % runs)
'''


def write_fake(path: Path, body: str = "", each: str = "pass") -> Path:
    """Makes a program of which `body` runs at the start, and `each` in every step of fuzzing."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(FAKE.format(python=sys.executable, body=body, each=each))
    path.chmod(0o755)
    return path
