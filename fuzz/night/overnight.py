"""A night of fuzzing, from start or from where it was cut off, to the page that is read after it.

First what was found before is replayed; then the targets share the cores in slices (schedule.py),
while inputs that an engine reports are looked at (triage.py) and coverage is taken now and then; at
the end corpora are made small. All of it is jobs: processes that may be killed, and are then begun
again. What a night has to remember is in state.json, and in the names of files.
"""

from __future__ import annotations

import shlex
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from fuzz_targets import FUZZ, Places, environment
from night import corpora, coverage, page, state as states, status, storage
from night.deadline import Deadline
from night.engines import Engine, Progress
from night.findings import Finding, Findings
from night.jobs import Job, Jobs
from night.schedule import add_slice, choose
from night.state import ArmState, Running, State, Target
from night.triage import EXIT_DISK_FULL, replay_options

EXIT_FOUND, EXIT_BROKEN, EXIT_INTERRUPTED = 1, 4, 4
MIN_SLICE, MAX_SLICE = 15, 300  # seconds
SLICES_EACH = 12  # of a target, at least, if a night is long enough
SAVE_SECONDS = 5.0
LOOKS = 24  # at coverage in a night
MIN_LOOK_SECONDS = 60.0
MAX_PENDING = 5  # inputs of one target to be looked at, above which it is not run
MAX_FAILURES = 3
SETTLED_SECONDS = 2.0  # after which an engine has written an input, and its log
ROOM_AGAIN = 1.25  # of what must be free, before a night that had no room goes on


@dataclass
class Settings:
    """What a night is given."""

    folder: Path
    build: Path
    targets: list[str]
    engines: list[Engine]  # libFuzzer first
    deadline: Deadline
    cores: int
    min_free: int = storage.MIN_FREE_BYTES
    root: Path = FUZZ.parent
    free_bytes: Callable[[Path], int] = storage.free_bytes
    say: Callable[[str], None] = print
    command: str = "./dev fuzz --overnight"


@dataclass
class Night:
    """Runs one night; see run()."""

    settings: Settings
    state: State = field(default_factory=State)
    jobs: Jobs = field(default_factory=Jobs)
    rechecks: list[Finding] = field(default_factory=list)
    looks: list[str] = field(default_factory=list)  # targets whose coverage is to be taken
    last_look: float = 0.0  # in state.spent
    final_look: bool = False
    last_saved: float = 0.0
    last_said: float = 0.0
    last_tick: float = 0.0

    def __post_init__(self) -> None:
        self.folder = self.settings.folder
        self.findings = Findings(self.folder)
        self.engines = {engine.name: engine for engine in self.settings.engines}

    # The night as a whole.

    def run(self) -> int:
        """Runs until the deadline, or until it is stopped. Returns: the exit status."""
        for name in ("logs", "corpus", "pending", "coverage", "findings"):
            (self.folder / name).mkdir(parents=True, exist_ok=True)
        with storage.held(self.folder), self.jobs.catching_signals():
            self._begin()
            try:
                while not self.jobs.stop_signals and self.state.phase != states.DONE:
                    self._step()
                if self.state.phase != states.DONE:
                    self._stop()
            finally:
                self.jobs.stop_all_now()
            return self._end()

    def _begin(self) -> None:
        now = time.time()
        loaded = states.load(self.folder)
        corpora.recover(self.folder)
        self.state = loaded or State()
        if loaded is None or loaded.phase == states.DONE:
            states.begin_night(self.state, now)
        else:
            done = status.short_time(self.state.spent)
            self.state.note(now, f"went on after an interruption, at {done}")
            self.settings.say(f"going on with the night of {time.ctime(self.state.started)}, "
                              f"{done} of fuzzing done")
        self.state.running, self.state.waiting = [], ""
        self.state.cores = self.settings.cores
        for name in self.settings.targets:
            target = self.state.targets.setdefault(name, Target())
            target.problem, target.covered = "", 0.0
        for name in set(self.state.targets) - set(self.settings.targets):
            del self.state.targets[name]  # of another build; its corpus stays
        arms = [f"{target} {engine.name}" for target in self.settings.targets
                for engine in self.engines.values()
                if Places.of(target, engine.build, self.folder).program.exists()]
        self.state.arms = {name: self.state.arms.get(name, ArmState()) for name in arms}
        for arm in self.state.arms.values():
            arm.failures, arm.problem = 0, ""
        self.state.planned = self.state.spent + self._remaining()
        self.last_look = self.state.history[-1]["spent"] if self.state.history else -1e9
        self.rechecks = [each for each in self.findings.all()
                         if each.target in self.state.targets]
        self.last_tick = time.monotonic()
        self._save()

    def _end(self) -> int:
        found = self.findings.open()
        for finding in found:
            self.settings.say(f"found: {finding.target}: {finding.kind}: {finding.title}\n"
                              f"  replay: {self.replay_command(finding)}")
        broken = [name for name, target in self.state.targets.items() if target.problem]
        for name in broken:
            self.settings.say(f"{name} does not run: {self.state.targets[name].problem}")
        if found:
            return EXIT_FOUND
        if self.state.phase != states.DONE:
            return EXIT_INTERRUPTED
        return EXIT_BROKEN if broken else 0

    def replay_command(self, finding: Finding) -> str:
        """One line for a shell."""
        program = self.settings.build / "fuzz" / f"{finding.target}_fuzz"
        input_ = self.findings.folder_of(finding.target, finding.id) / "minimised"
        return shlex.join([str(program), *replay_options(), str(input_)])

    def _remaining(self) -> float:
        return self.settings.deadline.remaining(time.time(), self.state.spent)

    # One step: begin what there is room for, wait, and take in what has ended.

    def _step(self) -> None:
        try:
            if self._has_room():
                self._begin_jobs()
            for job in self.jobs.wait(self._patience()):
                self._finish(job)
            self._tick()
            if self.state.phase == states.CLOSING and not self.jobs.running \
                    and not self.state.waiting:
                self._close()
        except storage.DiskFull as error:
            self._wait_for_room(str(error))

    def _patience(self) -> float:
        patience = 1.0
        if self.state.phase == states.FUZZING and not self.state.waiting:
            patience = min(patience, self._remaining() + 0.05)
        return patience

    def _tick(self) -> None:
        now = time.monotonic()
        if self.state.phase == states.FUZZING:
            if not self.state.waiting:
                self.state.spent += now - self.last_tick
            if self._remaining() <= 0:
                self.state.phase = states.CLOSING
                self.settings.say("the time is up; merging corpora and writing the page")
        self.last_tick = now
        self._note_running()
        self._say_status(now)
        if now - self.last_saved >= SAVE_SECONDS:
            self._save()

    def _note_running(self) -> None:
        self.state.running = []
        for job in self.jobs.running:
            running = Running(job.kind, job.target, job.engine, time.time() - job.seconds())
            if job.kind == "fuzz":
                progress = self._progress_of(job)
                running.executions = progress.executions
                running.rate = progress.executions / max(1.0, job.seconds())
            self.state.running.append(running)

    def _say_status(self, now: float, at_once: bool = False) -> None:
        live = sys.stdout.isatty()
        if not at_once and now - self.last_said < (1 if live else 30):
            return
        self.last_said = now
        line = status.format_line(self.state, len(self.findings.open()),
                                  len(self.findings.pending()), time.time())
        if live:
            print(f"\r\x1b[K{line}", end="", flush=True)
        else:
            self.settings.say(line)

    def _save(self) -> None:
        states.save(self.folder, self.state, time.time())
        self.last_saved = time.monotonic()

    def _stop(self) -> None:
        self.settings.say("stopping; the same command goes on from here")
        self.jobs.stop()
        while self.jobs.running and self.jobs.stop_signals < 3:
            for job in self.jobs.wait(1.0):
                try:
                    self._finish(job)
                except storage.DiskFull as error:
                    self.settings.say(str(error))
        self.state.running = []
        self.state.note(time.time(), f"stopped at {status.short_time(self.state.spent)}")
        try:
            self._save()
            self._write_page()
        except storage.DiskFull as error:
            self.settings.say(f"{error}; what was learnt since the last save, seconds ago, is in the "
                              "corpora, and only the counts are not")

    # Room on the disk.

    def _has_room(self) -> bool:
        free = self.settings.free_bytes(self.folder)
        needed = self.settings.min_free
        if self.state.waiting:
            if free < needed * ROOM_AGAIN:
                return False
            self.state.note(time.time(), "went on with room on the disk")
            self.settings.say("there is room on the disk again; going on")
            self.state.waiting = ""
        elif free < needed:
            self._wait_for_room(f"{free >> 20} MiB are free in {self.folder}")
            return False
        return True

    def _wait_for_room(self, why: str) -> None:
        if not self.state.waiting:
            needed = int(self.settings.min_free * ROOM_AGAIN) >> 20
            self.state.waiting = f"{why}; goes on when {max(1, needed)} MiB are"
            self.state.note(time.time(), f"no room on the disk: {why}")
            self.settings.say(f"NO ROOM: {self.state.waiting}. Nothing is lost.")
        self.jobs.stop()

    # What to run.

    def _begin_jobs(self) -> None:
        while len(self.jobs.running) < self.settings.cores and self._begin_job():
            pass

    def _begin_job(self) -> bool:
        """Begins what is most pressing. Returns: false if there is nothing to do."""
        if self.rechecks:
            finding = self.rechecks.pop()
            self._begin_triage(finding.target, "recheck", "--recheck", finding.id)
            return True
        kinds = [job.kind for job in self.jobs.running]
        if "triage" not in kinds:  # one at a time, so that each cause is added once
            for target, path in self.findings.pending():
                if target in self.state.targets and (
                        not self._is_fuzzed(target)
                        or time.time() - path.stat().st_mtime > SETTLED_SECONDS):
                    self._begin_triage(target, "triage", str(path))
                    return True
        if self.state.phase == states.FUZZING:
            return self._begin_look() or self._begin_slice()
        if self._begin_merge():
            return True
        if "merge" in kinds:
            return False
        if not self.final_look:
            self.final_look = True
            self.looks = sorted(self.state.targets)
        return self._begin_look()

    def _is_fuzzed(self, target: str) -> bool:
        return any(job.kind == "fuzz" and job.target == target for job in self.jobs.running)

    def _begin_triage(self, target: str, kind: str, *arguments: str) -> None:
        program = self.settings.build / "fuzz" / f"{target}_fuzz"
        self.jobs.start(kind, target, [sys.executable, "-m", "night.triage", str(self.folder), target,
                                       str(program), *arguments], self._log_of(kind, target),
                        cwd=FUZZ, environment=environment(), argument=arguments[-1], limit=600)

    def _begin_slice(self) -> bool:
        pending = [target for target, _ in self.findings.pending()]
        arms = {name: each.arm for name, each in self.state.arms.items()
                if not each.problem and not self.state.targets[name.split()[0]].problem
                and pending.count(name.split()[0]) < MAX_PENDING}
        if not arms or self._remaining() < 1:
            return False
        name = choose(arms, [f"{job.target} {job.engine}" for job in self.jobs.running])
        target, engine_name = name.split()
        if any((job.target, job.engine) == (target, engine_name) for job in self.jobs.running) \
                and engine_name != "libFuzzer":
            return False  # AFL++ has one folder, libFuzzer's processes share a corpus
        engine = self.engines[engine_name]
        seconds = round(min(self.slice_seconds(len(arms)), max(1.0, self._remaining())))
        log = self._log_of("fuzz", f"{target}-{engine_name}")
        self.jobs.start("fuzz", target, engine.command(target, self.folder, seconds), log,
                        cwd=self.settings.root, environment=engine.environment_of(target),
                        engine=engine_name, limit=seconds * 2 + 120,
                        stop_signal=engine.stop_signal)
        return True

    def slice_seconds(self, arms: int) -> float:
        share = self.state.planned * self.settings.cores / max(1, arms * SLICES_EACH)
        return min(MAX_SLICE, max(MIN_SLICE, share))

    def _log_of(self, kind: str, target: str) -> Path:
        taken = {job.log for job in self.jobs.running}
        names = (self.folder / "logs" / f"{kind}-{target}{suffix}.log"
                 for suffix in ("", *(f"-{i}" for i in range(2, 1000))))
        return next(name for name in names if name not in taken)

    # Coverage by file.

    def _begin_look(self) -> bool:
        """Takes the coverage of the next target whose corpus has grown, when it is time to."""
        if not self.final_look and not self.looks and not self._is_looking():
            interval = max(MIN_LOOK_SECONDS, self.state.planned / LOOKS)
            if self.state.spent - self.last_look < interval:
                return False
            self.last_look = self.state.spent
            self.looks = [name for name, target in sorted(self.state.targets.items())
                          if not target.covered or target.last_find >= target.covered]
            if not self.looks:
                self._take_snapshot()
        if not self.looks or (self._is_looking() and not self.final_look):
            return False  # one at a time, while there is fuzzing to be done
        target = self.looks.pop(0)
        command = self.engines["libFuzzer"].command(target, self.folder, 0)
        self.jobs.start("coverage", target, [command[0], "-runs=0", "-print_coverage=1",
                                             f"-artifact_prefix={self.folder}/pending/{target}/",
                                             *(each for each in command[1:]
                                               if not each.startswith("-"))],
                        self._log_of("coverage", target), cwd=self.settings.root,
                        environment=environment(), limit=900)
        return True

    def _is_looking(self) -> bool:
        return any(job.kind == "coverage" for job in self.jobs.running)

    def _take_snapshot(self) -> None:
        logs = [self.folder / "coverage" / f"{name}.txt" for name in self.state.targets]
        merged = coverage.merge(coverage.parse(log.read_text(errors="replace"), self.settings.root)
                                for log in logs if log.exists())
        self.state.history.append(
            {"spent": self.state.spent,
             "edges": {name: target.edges for name, target in self.state.targets.items()},
             "files": {name: list(counts) for name, counts in coverage.by_file(merged).items()}})
        self._save()
        self._write_page()

    # Corpora.

    def _begin_merge(self) -> bool:
        merging = [job.target for job in self.jobs.running if job.kind == "merge"]
        for name, target in sorted(self.state.targets.items()):
            if target.merged or target.problem or name in merging or self._is_fuzzed(name):
                continue
            places = Places.of(name, self.settings.build, self.folder)
            target.corpus_before_merge = sum(map(corpora.count, (
                places.corpus, places.seeds, places.regressions)))
            self.jobs.start("merge", name, corpora.merge_command(name, places, self.folder),
                            self._log_of("merge", name), cwd=self.settings.root,
                            environment=environment(), limit=3600)
            return True
        return False

    def _close(self) -> None:
        """Ends the night once nothing is left to do."""
        if self._begin_job():
            return
        self._take_snapshot()
        self.state.phase, self.state.ended = states.DONE, time.time()
        self._save()
        self._write_page()

    def _write_page(self) -> None:
        page.write(self.folder, self.state, self.findings, self.replay_command,
                   self.settings.command)

    # What came of a job.

    def _finish(self, job: Job) -> None:
        if job.kind == "fuzz":
            self._finish_slice(job)
        elif job.kind == "coverage":
            if job.process.returncode == 0 and not job.stop_asked:
                storage.write_atomically(self.folder / "coverage" / f"{job.target}.txt",
                                         job.log.read_bytes())
                self.state.targets[job.target].covered = time.time()
            if not self.looks and not self._is_looking() and not self.final_look:
                self._take_snapshot()
        elif job.kind == "merge" and not job.stop_asked:
            target = self.state.targets[job.target]
            target.merged = True
            if job.process.returncode == 0:
                corpora.take_over(self.folder, job.target)
                target.corpus = corpora.count(self.folder / "corpus" / job.target)
            else:
                self.state.note(time.time(), f"the corpus of {job.target} could not be merged, and "
                                f"stays as it is (status {job.process.returncode})")
            self._save()
        elif job.kind in ("triage", "recheck") and not job.stop_asked:
            if job.process.returncode == EXIT_DISK_FULL:
                raise storage.DiskFull(f"no room for a finding of {job.target}")
            if job.process.returncode != 0:
                self._set_aside(job)
            self._say_status(time.monotonic(), at_once=True)

    def _set_aside(self, job: Job) -> None:
        """An input that cannot be looked at must not be looked at for ever."""
        text = f"{job.kind} of {job.argument} failed: {job.log.read_text(errors='replace')[-500:]}"
        self.state.note(time.time(), text)
        self.settings.say(text)
        path = Path(job.argument)
        if job.kind == "triage" and path.exists():
            aside = self.folder / "not_looked_at"
            aside.mkdir(exist_ok=True)
            path.replace(aside / f"{job.target}-{path.name}")

    def _progress_of(self, job: Job) -> Progress:
        progress = self.engines[job.engine].progress(job.target, self.folder, job.log)
        before = self.state.arms[f"{job.target} {job.engine}"].executions
        return Progress(max(0, progress.executions - before), progress.edges, progress.features)

    def _finish_slice(self, job: Job) -> None:
        engine = self.engines[job.engine]
        target = self.state.targets[job.target]
        arm = self.state.arms[f"{job.target} {job.engine}"]
        progress = self._progress_of(job)
        found = engine.collect(job.target, self.folder, job.log)
        inputs = corpora.count(self.folder / "corpus" / job.target)

        if job.engine == "AFL++":
            arm.executions += progress.executions
        target.executions += progress.executions
        target.seconds += job.seconds()
        if inputs > target.corpus:
            target.last_find = time.time()
        target.corpus = inputs
        if job.engine == "libFuzzer" and progress.edges:
            target.edges = progress.edges
        add_slice({name: each.arm for name, each in self.state.arms.items()},
                  f"{job.target} {job.engine}", job.seconds(), arm.features, progress.features)
        arm.features = max(arm.features, progress.features)

        ran = progress.executions > 0 or found
        if ran and (found or job.stop_asked or job.process.returncode == 0):
            arm.failures = 0
        elif not job.stop_asked:
            arm.failures += 1
            if arm.failures >= MAX_FAILURES:
                self._give_up(job, arm, target)
        self._save()

    def _give_up(self, job: Job, arm: ArmState, target: Target) -> None:
        """Leaves a target alone, or AFL++ with it, that does not run."""
        last = "".join(job.log.read_text(errors="replace").strip().splitlines()[-1:])[:200]
        arm.problem = f"{job.engine} ended with status {job.process.returncode}: {last}"
        if job.engine == "libFuzzer":
            target.problem = arm.problem
        self.state.note(time.time(), f"{job.target} does not run: {arm.problem}")
