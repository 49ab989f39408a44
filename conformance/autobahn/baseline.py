"""The baseline: which cases are known not to pass, and why.

    {"format": "wsproof-baseline", "version": 1,
     "cases": {"12": "no permessage-deflate yet", "9.5.*": ".."}}

The names are those of --cases: ids, sections, globs.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from selection import matches


class BadBaseline(ValueError):
    """A baseline file that cannot be used."""


def load_baseline(path: Path, known_cases: Iterable[str]) -> dict[str, str]:
    """Loads a baseline file: pattern to reason.

    Errors: BadBaseline, naming what is wrong and what would be right.
    """
    try:
        content = json.loads(path.read_bytes())
    except (OSError, ValueError) as error:
        raise BadBaseline(f"--baseline {str(path)!r} cannot be read: {error}") from error
    shape = '{"format": "wsproof-baseline", "version": 1, "cases": {"9.1.1": "why it fails"}}'
    if (
        not isinstance(content, dict)
        or content.get("format") != "wsproof-baseline"
        or content.get("version") != 1
        or not isinstance(content.get("cases"), dict)
    ):
        raise BadBaseline(f"--baseline {str(path)!r} is no baseline of version 1; write {shape}")
    known = list(known_cases)
    for pattern, reason in content["cases"].items():
        if not any(matches(pattern, case_id) for case_id in known):
            raise BadBaseline(f"--baseline {str(path)!r}: {pattern!r} names no case; "
                              "give an id, a section or a glob such as 12.1.*")
        if not isinstance(reason, str) or not reason.strip():
            raise BadBaseline(f"--baseline {str(path)!r}: {pattern!r} has no reason; "
                              "write in a sentence why it does not pass")
    return dict(content["cases"])


def apply_baseline(cases: dict[str, dict[str, Any]], baseline: dict[str, str]) -> None:
    """Marks the results that the baseline names, the first pattern that matches deciding."""
    for case_id, result in cases.items():
        reason = next(
            (why for pattern, why in baseline.items() if matches(pattern, case_id)), None
        )
        if reason is not None:
            result["baseline"] = {"reason": reason}
            if result["passed"]:
                result["unexpected_pass"] = True
