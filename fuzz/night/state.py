"""What is known of a night, in one file that is replaced whole: NIGHT/state.json."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from night import storage
from night.schedule import Arm

VERSION = 2
FUZZING, CLOSING, DONE = "fuzzing", "closing", "done"


@dataclass
class Target:
    """One target, all engines and nights together but for the executions, which are this night's."""

    executions: int = 0
    seconds: float = 0.0  # of one core
    edges: int = 0  # libFuzzer's "cov"
    corpus: int = 0  # inputs
    corpus_before_merge: int = 0  # seeds and regressions included
    last_find: float = 0.0  # when the corpus last grew, seconds since the epoch
    covered: float = 0.0  # when its coverage by file was last looked at
    merged: bool = False  # in the closing of this night
    problem: str = ""  # why it is no longer run


@dataclass
class ArmState:
    """An arm's place in the schedule, and what its last slice had reached."""

    arm: Arm = field(default_factory=Arm)
    features: int = 0
    executions: int = 0  # of an engine that counts on from slice to slice
    failures: int = 0  # slices in a row that did not run
    problem: str = ""  # why it is no longer run, of this engine alone


@dataclass
class Running:
    """A process of the night, for who asks how it goes."""

    kind: str
    target: str
    engine: str
    since: float
    executions: int = 0
    rate: float = 0.0


@dataclass
class State:
    """The whole file."""

    started: float = 0.0
    ended: float = 0.0
    spent: float = 0.0  # seconds of fuzzing, interruptions left out
    planned: float = 0.0  # seconds from the start to the end, as planned last
    cores: int = 1
    phase: str = FUZZING
    waiting: str = ""  # for what, such as room on the disk
    notes: list[dict[str, Any]] = field(default_factory=list)  # {at, text}: stops, full disks, ..
    targets: dict[str, Target] = field(default_factory=dict)
    arms: dict[str, ArmState] = field(default_factory=dict)  # by "target engine"
    history: list[dict[str, Any]] = field(default_factory=list)  # {spent, edges, files}
    running: list[Running] = field(default_factory=list)
    saved: float = 0.0

    def note(self, at: float, text: str) -> None:
        self.notes.append({"at": at, "text": text})

    def executions(self) -> int:
        return (sum(target.executions for target in self.targets.values())
                + sum(each.executions for each in self.running))


def path_of(night: Path) -> Path:
    return night / "state.json"


def load(night: Path) -> State | None:
    """Returns: None if there was no night yet."""
    content = storage.read_json(path_of(night))
    if content is None:
        return None
    if content.pop("version") != VERSION:
        raise ValueError(f"{path_of(night)} is of another version; move {night} away")
    content["targets"] = {name: Target(**each) for name, each in content["targets"].items()}
    content["arms"] = {name: ArmState(**{**each, "arm": Arm(**each["arm"])})
                       for name, each in content["arms"].items()}
    content["running"] = [Running(**each) for each in content["running"]]
    return State(**content)


def save(night: Path, state: State, now: float) -> None:
    """Errors: storage.DiskFull."""
    state.saved = now
    storage.write_json(path_of(night), {"version": VERSION, **asdict(state)})


def begin_night(state: State, now: float) -> None:
    """A new night on the same corpora: counts start over, the schedule goes on."""
    state.started, state.ended, state.spent = now, 0.0, 0.0
    state.phase, state.waiting, state.notes, state.history = FUZZING, "", [], []
    for target in state.targets.values():
        target.executions, target.seconds = 0, 0.0
        target.problem, target.merged, target.covered = "", False, 0.0
