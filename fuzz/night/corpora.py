"""Corpora made small at the end of a night: of all inputs, as few as reach the same.

libFuzzer writes the small corpus to a folder of its own, which takes the place of the large one when
it is whole. A kill at any point leaves the one or the other, and recover() finishes what was begun.
"""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from fuzz_targets import Places, limits_of
from night import storage


def _folders(night: Path, target: str) -> tuple[Path, Path, Path, Path]:
    corpus = night / "corpus"
    return (corpus / target, corpus / f".{target}.making", corpus / f".{target}.ready",
            corpus / f".{target}.old")


def merge_command(target: str, places: Places, night: Path) -> list[str]:
    """Makes an empty folder, and the command that merges all inputs of a target into it."""
    corpus, making, _, _ = _folders(night, target)
    corpus.mkdir(parents=True, exist_ok=True)
    shutil.rmtree(making, ignore_errors=True)
    making.mkdir()
    sources = (corpus, places.seeds, places.regressions)
    pending = night / "pending" / target
    pending.mkdir(parents=True, exist_ok=True)
    return [str(places.program), "-merge=1", *limits_of(target),
            f"-artifact_prefix={pending}/", str(making),
            *(str(folder) for folder in sources if folder.is_dir())]


def take_over(night: Path, target: str) -> None:
    """Puts the merged corpus in place, once the merge has succeeded."""
    _, making, ready, _ = _folders(night, target)
    os.replace(making, ready)
    storage.sync_folder(ready.parent)
    _swap(night, target)


def _swap(night: Path, target: str) -> None:
    corpus, _, ready, old = _folders(night, target)
    if corpus.exists():
        shutil.rmtree(old, ignore_errors=True)
        os.replace(corpus, old)
    os.replace(ready, corpus)
    storage.sync_folder(corpus.parent)
    shutil.rmtree(old, ignore_errors=True)


def recover(night: Path) -> None:
    """Finishes, or takes back, what an earlier night was killed in."""
    corpora = night / "corpus"
    for ready in corpora.glob(".*.ready"):
        _swap(night, ready.name[1:].removesuffix(".ready"))
    for leftover in (*corpora.glob(".*.making"), *corpora.glob(".*.old")):
        shutil.rmtree(leftover, ignore_errors=True)


def count(corpus: Path) -> int:
    """The inputs in a folder, which need not be there."""
    try:
        return sum(1 for _ in os.scandir(corpus))
    except FileNotFoundError:
        return 0
