#!/usr/bin/env python3
"""Puts beside each target in a folder what a fleet looks for there.

    pack.py OUT

For NAME_fuzz: NAME_fuzz_seed_corpus.zip (seeds and regressions), NAME_fuzz.dict, NAME_fuzz.options.
"""

from __future__ import annotations

import os
import sys
import zipfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from fuzz_targets import (ASAN_OPTIONS, MALLOC_LIMIT_MB, TIMEOUT_SECONDS, Places,  # noqa: E402
                          max_length_of)


def pack(target: str, out: Path) -> None:
    """Writes the files of one target."""
    places = Places.of(target, out, out)
    program = f"{target}_fuzz"
    with zipfile.ZipFile(out / f"{program}_seed_corpus.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        for folder in (places.seeds, places.regressions):
            for path in sorted(folder.iterdir()) if folder.is_dir() else ():
                archive.write(path, f"{folder.parent.name}-{path.name}")
    options = ["[libfuzzer]", f"max_len = {max_length_of(target)}", f"timeout = {TIMEOUT_SECONDS}",
               f"malloc_limit_mb = {MALLOC_LIMIT_MB}"]
    if places.dictionary.is_file():
        (out / f"{program}.dict").write_bytes(places.dictionary.read_bytes())
        options.append(f"dict = {program}.dict")
    options += ["", "[asan]", *(each.replace("=", " = ") for each in ASAN_OPTIONS.split(":"))]
    (out / f"{program}.options").write_text("\n".join(options) + "\n")


def main(arguments: list[str]) -> int:
    out = Path(arguments[0])
    for path in sorted(out.glob("*_fuzz")):
        if path.is_file() and os.access(path, os.X_OK):
            pack(path.name.removesuffix("_fuzz"), out)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
