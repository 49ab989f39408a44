#!/usr/bin/env python3
"""Builds the targets as the fleets' builders would, and checks what comes out.

    check.py [--work DIR] [--stdlib libc++|libstdc++]

The same build.sh, with the environment of OSS-Fuzz's base-builder for libFuzzer and
AddressSanitizer; then what its check_build looks at, without its containers: every target runs, has
seeds that it takes, a dictionary and options, and needs no library that the runner lacks.
Exit status: 0 all is well, 1 not so.
"""

from __future__ import annotations

import argparse
import configparser
import os
import re
import shutil
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
RUNNER_LIBRARIES = re.compile(
    r"^(linux-vdso|/lib64/ld-linux"
    r"|lib(c|m|dl|rt|pthread|resolv|gcc_s|stdc\+\+|c\+\+|c\+\+abi|unwind)\.so)")
TARGETS = ("connection_client", "connection_server", "extension_list", "frame_decoder",
           "handshake_request", "handshake_response", "masking", "message_inflater", "utf8")


def builder_environment(folder: Path, stdlib: str) -> dict[str, str]:
    """What base-builder's compile script exports."""
    flags = ("-O1 -fno-omit-frame-pointer -gline-tables-only "
             "-Wno-error=enum-constexpr-conversion -Wno-error=incompatible-function-pointer-types "
             "-Wno-error=int-conversion -Wno-error=deprecated-declarations "
             "-Wno-error=implicit-function-declaration -Wno-error=implicit-int "
             "-DFUZZING_BUILD_MODE_UNSAFE_FOR_PRODUCTION "
             "-fsanitize=address -fsanitize-address-use-after-scope -fsanitize=fuzzer-no-link")
    # Debian's libFuzzer wants libstdc++ beside it; theirs brings a library of its own.
    engine = "-fsanitize=fuzzer" + (" -l:libstdc++.so.6" if stdlib == "libc++" else "")
    return {**os.environ, "CC": shutil.which("clang-19") or "clang",
            "CXX": shutil.which("clang++-19") or "clang++", "CFLAGS": flags,
            "CXXFLAGS": f"{flags} -stdlib={stdlib}", "LIB_FUZZING_ENGINE": engine,
            "FUZZING_ENGINE": "libfuzzer", "SANITIZER": "address", "ARCHITECTURE": "x86_64",
            "SRC": str(folder / "src"), "OUT": str(folder / "out"), "WORK": str(folder / "work")}


def check_target(out: Path, target: str) -> list[str]:
    """What is wrong with one target."""
    program = out / f"{target}_fuzz"
    if not program.is_file():
        return ["was not built"]
    problems = []
    ran = subprocess.run([str(program), "-runs=4"], capture_output=True, text=True, timeout=120,
                         errors="replace")
    if ran.returncode != 0:
        problems.append(f"does not run: {ran.stderr[-300:]}")
    libraries = subprocess.run(["ldd", str(program)], capture_output=True, text=True).stdout
    for line in libraries.splitlines():
        if line.strip() and not RUNNER_LIBRARIES.match(line.strip()):
            problems.append(f"needs {line.strip()}")
    options = configparser.ConfigParser()
    options.read(f"{program}.options")
    if "max_len" not in options["libfuzzer"]:
        problems.append("has no max_len among its options")
    dictionary = options["libfuzzer"].get("dict")
    if dictionary and not (out / dictionary).is_file():
        problems.append(f"has no {dictionary}")
    with tempfile.TemporaryDirectory() as seeds:
        with zipfile.ZipFile(f"{program}_seed_corpus.zip") as archive:
            archive.extractall(seeds)
        if len(os.listdir(seeds)) < 3:
            problems.append("has fewer than three seeds")
        ran = subprocess.run([str(program), "-runs=0", f"-max_len={options['libfuzzer']['max_len']}",
                              *([f"-dict={out / dictionary}"] if dictionary else []), seeds],
                             capture_output=True, text=True, timeout=300, errors="replace")
        if ran.returncode != 0:
            problems.append(f"fails on its seeds: {ran.stderr[-300:]}")
        coverage = re.findall(r"cov: (\d+)", ran.stderr)
        if not coverage or int(coverage[-1]) < 10:
            problems.append("is not instrumented")
    return problems


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--work", type=Path, default=ROOT / "build" / "fuzz-fleet")
    parser.add_argument("--stdlib", choices=("libc++", "libstdc++"), default="libc++")
    chosen = parser.parse_args(arguments)
    folder = chosen.work.resolve()
    variables = builder_environment(folder, chosen.stdlib)
    shutil.rmtree(folder / "out", ignore_errors=True)
    for name in ("src", "out", "work"):
        (folder / name).mkdir(parents=True, exist_ok=True)
    source = folder / "src" / "wsproof"
    if not source.is_symlink():
        source.symlink_to(ROOT)
    script = ROOT / ".clusterfuzzlite" / "build.sh"
    if subprocess.run(["bash", "-eu", str(script)], env=variables, cwd=source).returncode != 0:
        print("the build failed (see above)", file=sys.stderr)
        return 1
    failed = 0
    for target in TARGETS:
        problems = check_target(folder / "out", target)
        failed += bool(problems)
        print(f"{target}: {'; '.join(problems) or 'built, runs, has seeds, dictionary and options'}")
    print(f"{len(TARGETS) - failed} of {len(TARGETS)} targets are as a fleet wants them")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
