"""The page that is read in the morning: one file with all that it needs, made of page_parts/."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

from fuzz_targets import environment
from night import storage
from night.findings import Finding, Findings
from night.state import DONE, State

PARTS = Path(__file__).parent / "page_parts"
MAX_REPORT = 20_000  # characters of a report that are shown
MAX_DUMP = 512  # bytes of an input that are shown


def dump(data: bytes) -> str:
    """Bytes as hexadecimal and as text, 16 in a line."""
    lines = []
    for at in range(0, min(len(data), MAX_DUMP), 16):
        row = data[at:at + 16]
        text = "".join(chr(byte) if 32 <= byte < 127 else "." for byte in row)
        lines.append(f"{at:04x}  {row.hex(' '):47}  {text}")
    if len(data) > MAX_DUMP:
        lines.append(f"and {len(data) - MAX_DUMP} more bytes")
    return "\n".join(lines) or "(no bytes)"


def list_todo(state: State, findings: list[Finding], command: str) -> list[str]:
    """What to do next, in words; code stands between back quotes."""
    todo = []
    if state.phase != DONE:
        todo.append(f"This night was cut off and is not at its end: `{command}` goes on with it.")
    for finding in findings:
        where = f" in `{finding.frames[0]}`" if finding.frames else ""
        if finding.replays.startswith("0 "):
            todo.append(f"Look into {finding.target}: {finding.title}{where}. It was not seen again "
                        "when its input was replayed: suspect what earlier inputs left behind.")
        elif finding.kind == "mismatch":
            todo.append(f"Look into {finding.target}: \"{finding.title}\" does not hold. Replay it, and "
                        "say from the RFC who is right: mend the code with a test beside it, or the "
                        f"oracle. Then copy its input to `fuzz/regressions/{finding.target}/`, named "
                        "after the bug.")
        else:
            todo.append(f"Mend {finding.target}: {finding.title}{where}. Add a test beside the code, "
                        f"and copy the input to `fuzz/regressions/{finding.target}/`, named after the "
                        "bug.")
    for name, target in sorted(state.targets.items()):
        if target.problem:
            todo.append(f"See why {name} does not run: {target.problem}.")
    if "ASAN_SYMBOLIZER_PATH" not in environment():
        todo.append("Install `llvm-19`, so that coverage and findings have names.")
    gained = [name for name, target in sorted(state.targets.items())
              if target.last_find >= state.started > 0]
    if gained and state.phase == DONE:
        todo.append("Add what was learnt to the seeds, if it is worth a commit: "
                    + ", ".join(f"`./dev fuzz {name} --merge-night`" for name in gained) + ".")
    if len(todo) == 0:
        todo.append("Nothing. Sleep well.")
    return todo


def collect(night: Path, state: State, findings: Findings,
            replay: Callable[[Finding], str], command: str) -> dict[str, Any]:
    """All that the page shows."""
    shown = findings.open()
    entries = []
    for finding in shown:
        folder = findings.folder_of(finding.target, finding.id)
        entries.append({
            "target": finding.target, "kind": finding.kind, "title": finding.title,
            "frames": finding.frames, "times": finding.times, "engine": finding.engine,
            "found_at": finding.found_at, "size": finding.size, "replays": finding.replays,
            "minimised_size": finding.minimised_size, "folder": str(folder),
            "replay": replay(finding), "dump": dump((folder / "minimised").read_bytes()),
            "report": (folder / "report.txt").read_text(errors="replace")[-MAX_REPORT:]})
    history = [{"spent": each["spent"], "files": each["files"],
                "total": [sum(counts[i] for counts in each["files"].values()) for i in (0, 1)]}
               for each in state.history]
    targets = [{"name": name, "executions": target.executions, "seconds": target.seconds,
                "edges": target.edges, "corpus": target.corpus, "problem": target.problem,
                "before": target.corpus_before_merge if target.merged else 0,
                "last_find": target.last_find}
               for name, target in sorted(state.targets.items())]
    planted = storage.read_json(night.parent / "planted.json") or {"faults": []}
    return {"started": state.started, "ended": state.ended, "spent": state.spent,
            "cores": state.cores, "executions": state.executions(),
            "core_seconds": sum(target.seconds for target in state.targets.values()),
            "last_find": max((target.last_find for target in state.targets.values()), default=0),
            "findings": entries, "history": history, "targets": targets, "notes": state.notes,
            "broken": [name for name, target in state.targets.items() if target.problem],
            "planted": planted["faults"], "todo": list_todo(state, shown, command)}


def render(data: dict[str, Any]) -> str:
    """The page with `data` in it."""
    # "</" and "<!--" would end or confuse the element that holds it.
    text = json.dumps(data, separators=(",", ":")).replace("<", "\\u003c")
    return ((PARTS / "night.html").read_text()
            .replace("/*CSS*/", (PARTS / "night.css").read_text())
            .replace("/*JS*/", (PARTS / "night.js").read_text())
            .replace("/*DATA*/", text))


def write(night: Path, state: State, findings: Findings, replay: Callable[[Finding], str],
          command: str) -> Path:
    """Writes NIGHT/night.html. Errors: storage.DiskFull."""
    path = night / "night.html"
    storage.write_atomically(path, render(collect(night, state, findings, replay, command)))
    os.chmod(path, 0o644)
    return path
