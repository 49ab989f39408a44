#!/usr/bin/env python3
"""Makes conformance/RESULTS.md of the run files in evidence/: results_table.py [--check].

With --check it writes nothing, and fails if the file is not what it would write.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from endpoints import HERE, run_file

EVIDENCE = HERE / "evidence"
RESULTS = HERE.parent / "RESULTS.md"

HEAD = """\
# Results

What people use, as `./dev endpoints` found it. Made by `conformance/endpoints/results_table.py` from the run files in
`conformance/endpoints/evidence/`; do not edit it by hand.

- **passed** holds for both verdicts, ours and Autobahn's; the three columns behind it are a part of it.
- **known** fails and is in the baseline of that release (`conformance/endpoints/NAME/`), with a reason for each; what is
  wrong is told in `conformance/findings/`.
- **unsupported**: the case cannot be had there, such as compression that is not offered.

What is dated before 27 November 2026 was played before sections 42 to 44 were there; of those runs, cases that were new or mended
on the 26th, section 41 among them, were played in runs of their own behind the first.
"""

COLUMNS = ("implementation", "version", "role", "date", "without sections", "cases", "passed", "non-strict", "informational",
           "unsupported", "known", "failed")


def left_out(selection: dict[str, Any]) -> str:
    """Which sections the run was without; --quick leaves out what takes long."""
    only = "all but " + ", ".join(selection["cases"]) if selection["cases"] else ""
    long = ["what takes long"] if selection.get("quick") else []
    return only or ", ".join([*selection["exclude"], *long])


def row(run: dict[str, Any]) -> list[str]:
    """A line of the table."""
    tested, totals = run["implementation"], run["totals"]
    verdicts = totals["verdicts"]
    role = "WebSocket API" if run["suite"]["name"] == "websocket-api" else tested["role"]
    return [tested["name"], tested["version"] or "", role + (" (wss)" if tested["tls"] else ""),
            run["started"][:10], left_out(run["selection"]), str(totals["cases"]), str(totals["passed"]),
            *(str(verdicts.get(name, 0)) for name in ("non_strict", "informational", "unsupported")),
            str(totals["expected_failures"]), str(totals["failed"])]


def table(runs: list[dict[str, Any]]) -> str:
    """A table of these runs."""
    rows = sorted(map(row, runs), key=lambda cells: cells[:3])
    lines = [COLUMNS, tuple("---" for _ in COLUMNS), *rows]
    return "".join("| " + " | ".join(cells) + " |\n" for cells in lines)


def render(runs: list[dict[str, Any]]) -> str:
    """The whole file."""
    parts = [HEAD]
    for title, is_api in (("Protocol", False), ("WebSocket API", True)):
        chosen = [run for run in runs if (run["suite"]["name"] == "websocket-api") == is_api]
        if chosen:
            parts.append(f"\n## {title}\n\n{table(chosen)}")
    return "".join(parts)


def main(words: list[str]) -> int:
    """Returns the exit status."""
    content = render([run_file.load(path) for path in sorted(EVIDENCE.glob("*.json"))])
    if words == ["--check"]:
        if not RESULTS.exists() or RESULTS.read_text() != content:
            print(f"{RESULTS} is not what the run files say; run results_table.py")
            return 1
        return 0
    RESULTS.write_text(content)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
