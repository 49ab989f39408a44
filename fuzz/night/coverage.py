"""Which code of which file a corpus reaches, as libFuzzer's -print_coverage=1 lists it.

A target only knows the code that it was linked with. Where several have the same function, an edge
counts as covered if one of them covers it.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable
from pathlib import Path

FUNCTION = re.compile(r"^(UN)?COVERED_FUNC: hits: \d+ edges: (\d+)/(\d+) (.*) (/\S+?):(\d+)$")
UNCOVERED = re.compile(r"^\s+UNCOVERED_PC: (\S+)$")
SHOWN = "impl/"  # below the root: what is fuzzed, not what judges it

# By function, as file and description: edges, and the places that were not reached.
Functions = dict[tuple[str, str], tuple[int, Counter[str]]]


def parse(text: str, root: Path) -> Functions:
    """The functions of files below `root` that an output lists."""
    functions: Functions = {}
    places: Counter[str] | None = None
    for line in text.splitlines():
        if match := FUNCTION.match(line):
            places = None
            try:
                file = str(Path(match[5]).resolve().relative_to(root))
            except ValueError:
                continue
            covered, total = int(match[2]), int(match[3])
            places = Counter()
            if covered == 0:
                places = Counter({"all of it": total})
            functions[file, f"{match[4]}:{match[6]}"] = total, places
        elif places is not None and (match := UNCOVERED.match(line)):
            places[match[1]] += 1
    return functions


def merge(all_functions: Iterable[Functions]) -> Functions:
    """What several targets cover together."""
    merged: Functions = {}
    for functions in all_functions:
        for key, (total, missed) in functions.items():
            if key not in merged or missed_edges(merged[key]) == merged[key][0]:
                merged[key] = total, missed
            elif missed_edges((total, missed)) < total:
                merged[key] = total, merged[key][1] & missed
    return merged


def missed_edges(function: tuple[int, Counter[str]]) -> int:
    total, missed = function
    return min(total, sum(missed.values()))


def by_file(functions: Functions) -> dict[str, tuple[int, int]]:
    """Edges that are covered, and all edges, of each file that is fuzzed."""
    files: defaultdict[str, tuple[int, int]] = defaultdict(lambda: (0, 0))
    for (file, _), function in functions.items():
        if file.startswith(SHOWN):
            covered, total = files[file]
            files[file] = (covered + function[0] - missed_edges(function), total + function[0])
    return dict(files)
