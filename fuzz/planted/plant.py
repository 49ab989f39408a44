#!/usr/bin/env python3
"""Writes a copy of a source with a fault of faults.json in it.

    plant.py ID ROOT OUTPUT      OUTPUT/FILE, and copies of what is to be built with it

The text that the fault replaces must be there exactly once. Exit status 1 if it is not: the source
has changed, and the fault is to be written anew.
"""

from __future__ import annotations

import json
import shutil
import sys
from pathlib import Path

FAULTS = Path(__file__).parent / "faults.json"


def load() -> list[dict[str, str]]:
    faults = json.loads(FAULTS.read_text())
    assert isinstance(faults, list)
    return faults


def plant(text: str, old: str, new: str) -> str:
    """Errors: ValueError."""
    if text.count(old) != 1:
        raise ValueError(f"{old!r} is there {text.count(old)} times")
    return text.replace(old, new)


def main(arguments: list[str]) -> int:
    name, root, output = arguments[0], Path(arguments[1]), Path(arguments[2])
    fault = next(each for each in load() if each["id"] == name)
    target = output / fault["file"]
    target.parent.mkdir(parents=True, exist_ok=True)
    try:
        target.write_text(plant((root / fault["file"]).read_text(), fault["old"], fault["new"]))
    except ValueError as error:
        print(f"{name}: in {fault['file']}, {error}", file=sys.stderr)
        return 1
    for also in fault["also"]:
        (output / also).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(root / also, output / also)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
