#!/usr/bin/env python3
"""Runs the browser test, or says what it lacks and ends with 77, which ctest shows as skipped."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

SKIPPED = 77
HERE = Path(__file__).parent
OLDEST_NODE = 18


def missing() -> str | None:
    """What the test lacks here, with the remedy, or None."""
    node = shutil.which("node")
    if not node:
        return f"Node.js {OLDEST_NODE} or newer is not on PATH (Debian: apt install nodejs npm)"
    version = subprocess.run([node, "--version"], capture_output=True, text=True, check=True).stdout
    major = re.match(r"v(\d+)", version)
    if not major or int(major[1]) < OLDEST_NODE:
        return f"node is {version.strip()}, it has to be {OLDEST_NODE} or newer"
    if not (HERE / "node_modules" / "playwright-core").is_dir():
        return f"playwright-core is not installed: run npm ci in {HERE}"
    chromium = os.environ.get("WSPROOF_CHROMIUM", "/usr/bin/chromium")
    if not os.access(chromium, os.X_OK):
        return f"{chromium} is not there (Debian: apt install chromium, else set WSPROOF_CHROMIUM)"
    return None


def main() -> int:
    """Returns the status of the test, or SKIPPED."""
    if lack := missing():
        print(f"skipped: {lack}")
        return SKIPPED
    environment = {**os.environ, "WSPROOF_PYTHON": sys.executable}
    return subprocess.run(["node", "--test"], cwd=HERE, env=environment, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
