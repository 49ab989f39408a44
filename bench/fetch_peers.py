#!/usr/bin/env python3
"""Fetches those peers that Debian does not have, through cargo and npm.

    fetch_peers.py FOLDER

The lock files in bench/peers/ have versions and checksums. A peer that cannot be had, for want of
the client or of the network, is named and left out: it is then not measured. Exit status 0.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

LOCKS = Path(__file__).parent / "peers"


def fetch_crates(folder: Path) -> list[str]:
    return ["cargo", "vendor", "--locked", "--quiet", "--versioned-dirs",
            f"--manifest-path={LOCKS / 'Cargo.toml'}", str(folder)]


def fetch_npm(folder: Path) -> list[str]:
    folder.mkdir(parents=True, exist_ok=True)
    for name in ("package.json", "package-lock.json"):
        shutil.copy(LOCKS / name, folder / name)
    return ["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", f"--prefix={folder}"]


# By the names of the peers: what must be there afterwards, and what fetches it.
PEERS: dict[str, tuple[str, str, Callable[[Path], list[str]]]] = {
    "uWebSockets": ("crates", "libuwebsockets-sys-0.0.9/uWebSockets/src/App.h", fetch_crates),
    "simdutf": ("crates", "simdutf-0.7.0/cpp/simdutf.cpp", fetch_crates),
    "bufferutil": ("npm", "node_modules/bufferutil/src/bufferutil.c", fetch_npm),
    "ws": ("npm", "node_modules/ws/wrapper.mjs", fetch_npm),
}


def fetch(folder: Path) -> dict[str, str]:
    """Fetches what is not there yet.

    Returns: why a peer could not be had, by its name.
    """
    missing: dict[str, str] = {}
    tried: dict[str, tuple[str, str]] = {}  # by part: the client, and what it said at last
    for name, (part, file, command_for) in PEERS.items():
        if (folder / part / file).exists():
            continue
        if part not in tried:
            command = command_for(folder / part)
            tried[part] = command[0], run(command)
        if not (folder / part / file).exists():
            client, said = tried[part]
            missing[name] = said or f"{client} brought no {file}"
    return missing


def run(command: list[str]) -> str:
    """Runs a command. Returns: why it did not, or its last word on standard error, if it had any."""
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=600)
    except FileNotFoundError:
        return f"there is no {command[0]}"
    except subprocess.TimeoutExpired:
        return f"{command[0]} took too long"
    return (done.stderr.strip().splitlines() or [""])[-1]


def main(arguments: list[str]) -> int:
    if len(arguments) != 1 or arguments[0].startswith("-"):
        print(__doc__.strip(), file=sys.stderr)
        return 2
    for name, reason in fetch(Path(arguments[0])).items():
        print(f"bench: {name} is not measured: {reason}", file=sys.stderr)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
