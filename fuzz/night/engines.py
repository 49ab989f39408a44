"""The engines: libFuzzer, and AFL++ on the same targets. Both keep what they learn in one corpus."""

from __future__ import annotations

import hashlib
import re
import shutil
import signal
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from fuzz_targets import (MEMORY_LIMIT_MB, TIMEOUT_SECONDS, Places, environment, limits_of,
                          max_length_of)

TAIL = 64 << 10  # bytes of a log that are looked at for its last lines
# The layouts of inputs that fuzz/mutator/ changes as frames.
LAYOUTS = {"frame_decoder": "frame_decoder", "connection_server": "connection",
           "connection_client": "connection", "beast_frames": "beast_frames"}


@dataclass(frozen=True)
class Progress:
    """How far a slice has come."""

    executions: int = 0
    edges: int = 0
    features: int = 0  # of which a schedule sees growth; AFL++ counts edges alone


def tail_of(log: Path) -> str:
    try:
        with open(log, "rb") as file:
            file.seek(max(0, log.stat().st_size - TAIL))
            return file.read().decode(errors="replace")
    except FileNotFoundError:
        return ""


class Engine(Protocol):
    """Runs a target for a slice of time, in a process of which these are the parts."""

    name: str
    stop_signal: signal.Signals
    build: Path

    def command(self, target: str, night: Path, seconds: int) -> list[str]: ...
    def environment_of(self, target: str) -> dict[str, str]: ...
    def progress(self, target: str, night: Path, log: Path) -> Progress: ...
    def collect(self, target: str, night: Path, log: Path) -> bool: ...


class LibFuzzer:
    """A target as libFuzzer links it."""

    name = "libFuzzer"
    stop_signal = signal.SIGINT
    COUNT = re.compile(r"^#(\d+)\s", re.MULTILINE)
    COVERAGE = re.compile(r"^#\d+\s.*?cov: (\d+) ft: (\d+)", re.MULTILINE)
    ARTIFACT = re.compile(r"Test unit written to \S*/([\w-]+)$", re.MULTILINE)
    TOTAL = re.compile(r"^stat::number_of_executed_units:\s*(\d+)", re.MULTILINE)

    def __init__(self, build: Path) -> None:
        self.build = build

    def command(self, target: str, night: Path, seconds: int) -> list[str]:
        places = Places.of(target, self.build, night)
        pending = night / "pending" / target
        for folder in (places.corpus, pending):
            folder.mkdir(parents=True, exist_ok=True)
        command = [str(places.program), f"-max_total_time={seconds}", *limits_of(target),
                   f"-artifact_prefix={pending}/", "-print_final_stats=1"]
        if places.dictionary.is_file():
            command.append(f"-dict={places.dictionary}")
        return command + [str(folder) for folder in
                          (places.corpus, places.seeds, places.regressions) if folder.is_dir()]

    def environment_of(self, target: str) -> dict[str, str]:
        return environment()

    def progress(self, target: str, night: Path, log: Path) -> Progress:
        text = tail_of(log)
        counts = self.TOTAL.findall(text) or self.COUNT.findall(text) or [0]
        edges, features = (self.COVERAGE.findall(text) or [(0, 0)])[-1]
        return Progress(int(counts[-1]), int(edges), int(features))

    def collect(self, target: str, night: Path, log: Path) -> bool:
        """Puts the log beside what a slice has found, which is in place. Returns: whether it has."""
        text = tail_of(log)
        pending = night / "pending" / target
        for name in set(self.ARTIFACT.findall(text)):
            path = pending / name
            if name.startswith("slow-unit-"):
                path.unlink(missing_ok=True)  # slow, and yet within the limit
            elif path.exists():
                path.with_name(path.name + ".log").write_text(text)
        return any(not name.startswith("slow-unit-") for name in self.ARTIFACT.findall(text))


class Afl:
    """The same target, built for AFL++ (./dev fuzz --afl). Its state is kept from slice to slice."""

    name = "AFL++"
    stop_signal = signal.SIGTERM

    def __init__(self, build: Path, mutator: Path | None = None) -> None:
        self.build = build
        self.mutator = mutator

    def folder(self, target: str, night: Path) -> Path:
        return night / "afl" / target

    def command(self, target: str, night: Path, seconds: int) -> list[str]:
        places = Places.of(target, self.build, night)
        places.corpus.mkdir(parents=True, exist_ok=True)
        output = self.folder(target, night)
        output.mkdir(parents=True, exist_ok=True)
        inputs = output / "seeds"
        resumes = (output / "main" / "fuzzer_stats").exists()
        if not resumes:
            shutil.rmtree(output / "main", ignore_errors=True)
            inputs.mkdir(exist_ok=True)
            for folder in (places.seeds, places.regressions):
                for path in folder.iterdir() if folder.is_dir() else ():
                    shutil.copy(path, inputs / path.name)
        # -F has it look at what libFuzzer has learnt.
        command = ["afl-fuzz", "-i", "-" if resumes else str(inputs), "-o", str(output),
                   "-M", "main", "-F", str(places.corpus), "-V", str(seconds),
                   "-t", f"{TIMEOUT_SECONDS * 1000}", "-m", "none", "-G", str(max_length_of(target))]
        if places.dictionary.is_file():
            command += ["-x", str(places.dictionary)]
        return [*command, "--", str(places.program)]

    def environment_of(self, target: str) -> dict[str, str]:
        variables = environment()
        # afl-fuzz insists on these two, and names no frames: that is for the replay.
        variables["ASAN_OPTIONS"] += ":abort_on_error=1:symbolize=0:detect_leaks=0:" + \
            f"max_allocation_size_mb={MEMORY_LIMIT_MB}"
        variables["UBSAN_OPTIONS"] = "abort_on_error=1:halt_on_error=1:symbolize=0"
        variables |= {"AFL_NO_UI": "1", "AFL_SKIP_CPUFREQ": "1", "AFL_NO_AFFINITY": "1",
                      "AFL_I_DONT_CARE_ABOUT_MISSING_CRASHES": "1", "AFL_FAST_CAL": "1",
                      "AFL_IGNORE_SEED_PROBLEMS": "1", "AFL_FORKSRV_INIT_TMOUT": "30000"}
        if self.mutator and target in LAYOUTS:
            variables["AFL_CUSTOM_MUTATOR_LIBRARY"] = str(self.mutator)
            variables["WSPROOF_FUZZ_LAYOUT"] = LAYOUTS[target]
        return variables

    def statistics(self, target: str, night: Path) -> dict[str, str]:
        path = self.folder(target, night) / "main" / "fuzzer_stats"
        try:
            lines = path.read_text().splitlines()
        except FileNotFoundError:
            return {}
        return {name.strip(): value.strip()
                for name, _, value in (line.partition(":") for line in lines)}

    def progress(self, target: str, night: Path, log: Path) -> Progress:
        statistics = self.statistics(target, night)
        edges = int(statistics.get("edges_found", 0))
        return Progress(int(statistics.get("execs_done", 0)), edges, edges)

    def collect(self, target: str, night: Path, log: Path) -> bool:
        """Takes over, into the corpus and among what is pending. Returns: whether it has found."""
        found = False
        main = self.folder(target, night) / "main"
        corpus = night / "corpus" / target
        pending = night / "pending" / target
        pending.mkdir(parents=True, exist_ok=True)
        for path in sorted((main / "queue").glob("id:*")):
            data = path.read_bytes()
            name = corpus / hashlib.sha1(data).hexdigest()
            if not name.exists():
                name.write_bytes(data)
        for folder, kind in (("crashes", "crash-"), ("hangs", "timeout-")):
            for path in sorted((main / folder).glob("id:*")):
                name = pending / (kind + hashlib.sha1(path.read_bytes()).hexdigest())
                name.with_name(name.name + ".engine").write_text(self.name)
                shutil.copy(path, name)
                path.unlink()
                found = True
        return found
