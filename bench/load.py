"""Load on echo servers: ours, the peers', and raw TCP, which is the limit. run.py calls it.

Each measurement is one run of wsproof_load, which compares every byte of every echo, on a core of its own
where there are two. Rounds go through all servers in turn, so that what else the machine does meets all
alike. `measure` returns what run.py writes as load.json, in the form of Google Benchmark.
"""

from __future__ import annotations

import contextlib
import datetime
import json
import os
import random
import re
import resource
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

OURS, RAW, ASIO = "wsproof", "raw TCP", "Boost.Asio TCP"
PATIENCE = 120  # seconds for anything that a program is to say
SPARE_DESCRIPTORS = 100  # that a server needs for other things than connections
CONNECTION_COST = 24 * 1024  # bytes of the machine's memory for an idle connection with both of its ends


class LoadError(Exception):
    """A server or the load program failed."""


@dataclass(frozen=True)
class Plan:
    """How much is measured."""

    rounds: int
    latency_rounds: int
    time: int  # milliseconds of each measurement
    sizes: tuple[int, ...]  # bytes of a message, on 100 connections, 16 deep
    connections: tuple[int, ...]  # with 20 bytes, 16 deep
    idle: tuple[int, ...]  # connections of every server
    idle_ours: tuple[int, ...]  # and more of ours, Asio's and the raw one
    hostile: int  # peers


FULL = Plan(9, 21, 250, (20, 125, 1024, 16384, 65536, 1 << 20), (1, 10, 100, 1000),
            (1000, 10_000), (30_000, 100_000), 1000)
QUICK = Plan(3, 5, 100, (20, 1024), (1, 100), (1000,), (), 100)


@dataclass
class Machine:
    """What the system lets us have."""

    server_core: int | None
    load_core: int | None
    descriptors: int  # of one process

    @classmethod
    def here(cls) -> Machine:
        cores = sorted(os.sched_getaffinity(0))
        _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
        if len(cores) < 2:
            return cls(None, None, hard)
        return cls(cores[0], cores[1], hard)


class Program:
    """A process that is pinned to a core, and talks by lines."""

    def __init__(self, command: list[str], core: int | None) -> None:
        def pin() -> None:
            if core is not None:
                os.sched_setaffinity(0, {core})

        self.name = Path(command[0]).name
        try:
            self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                            text=True, bufsize=1, preexec_fn=pin)
        except OSError as error:
            raise LoadError(f"{command[0]}: {error.strerror}") from error

    @property
    def id(self) -> int:
        return self.process.pid

    def read(self, pattern: str) -> re.Match[str]:
        line = self.process.stdout.readline()
        found = re.search(pattern, line)
        if not found:
            raise LoadError(f"{self.name} said {line.strip()!r}") if line else self.ended()
        return found

    def ended(self) -> LoadError:
        """That it has ended shows when it is read or when it is written to, whichever comes first."""
        return LoadError(f"{self.name} ended with status {self.process.wait(PATIENCE)}")

    def write(self, line: str) -> None:
        try:
            self.process.stdin.write(line + "\n")
        except OSError as error:
            raise self.ended() from error

    def send(self, number: signal.Signals) -> None:
        self.process.send_signal(number)

    def end_input(self) -> None:
        self.process.stdin.close()

    def stop(self) -> None:
        self.process.kill()
        self.process.wait()
        for stream in (self.process.stdin, self.process.stdout):
            with contextlib.suppress(OSError):  # what was still to be written
                stream.close()


@dataclass(frozen=True)
class Server:
    name: str
    command: list[str]
    protocol: str = "websocket"


@dataclass
class Running:
    server: Server
    program: Program
    port: int

    def anonymous_memory(self) -> int:
        """Bytes of the process that are its own: heap and stacks, no files."""
        text = Path(f"/proc/{self.program.id}/smaps_rollup").read_text()
        return 1024 * int(re.search(r"^Anonymous:\s+(\d+) kB", text, re.MULTILINE).group(1))


@dataclass
class Measurement:
    """The servers, the machine, and what was measured so far."""

    machine: Machine
    plan: Plan
    load_program: Path
    servers: list[Server]
    wanted: re.Pattern[str]
    samples: dict[str, list[float]] = field(default_factory=dict)
    skipped: list[str] = field(default_factory=list)
    failed: list[str] = field(default_factory=list)

    def is_wanted(self, subject: str) -> bool:
        return self.wanted.search(subject + "/") is not None

    def add(self, subject: str, kind: str, name: str, size: int, figure: float) -> None:
        self.samples.setdefault(f"{subject}/{kind}/{name}/{size}", []).append(figure)

    def skip(self, what: str, reason: str) -> None:
        self.skipped.append(f"{what}: {reason}")
        print(f"bench: skipped: {what}: {reason}", file=sys.stderr)

    def fail(self, server: Server, error: LoadError) -> None:
        """A peer that fails is not measured; that ours does is for the exit status."""
        if server.name == OURS:
            self.failed.append(f"{OURS}: {error}")
            print(f"bench: {OURS}: {error}", file=sys.stderr)
        else:
            self.skip(server.name, str(error))

    def server_named(self, name: str) -> Server:
        return next(server for server in self.servers if server.name == name)

    @contextlib.contextmanager
    def running(self, server: Server) -> Iterator[Running]:
        program = Program(server.command, self.machine.server_core)
        try:
            port = int(program.read(r"^listening on \w+://[^/]*:(\d+)/").group(1))
            yield Running(server, program, port)
        finally:
            program.stop()

    @contextlib.contextmanager
    def load(self, *arguments: str) -> Iterator[Program]:
        program = Program([str(self.load_program), *arguments], self.machine.load_core)
        try:
            yield program
        finally:
            program.stop()

    def echo(self, running: Running, connections: int, size: int, depth: int,
             time: int | None = None) -> dict[str, Any]:
        with self.load("echo", f"--port={running.port}", f"--protocol={running.server.protocol}",
                       f"--server={running.program.id}", f"--connections={connections}",
                       f"--size={size}", f"--depth={depth}",
                       f"--time={time or self.plan.time}") as program:
            return json.loads(program.read(r"^\{.*").group(0))


def measure(build: Path, quick: bool, name_filter: str) -> dict[str, Any]:
    """Whatever could be measured; what failed of ours is in the context's "failed"."""
    started = datetime.datetime.now(datetime.timezone.utc).isoformat(timespec="seconds")
    taking = Measurement(Machine.here(), QUICK if quick else FULL, build / "bench/load/wsproof_load",
                      find_servers(build), re.compile(name_filter))
    for subjects, measurement in MEASUREMENTS:
        if any(taking.is_wanted(subject) for subject in subjects):
            measurement(taking)
    return {
        "context": {"date": started, "num_cpus": os.cpu_count(), "skipped": taking.skipped,
                    "failed": taking.failed},
        "benchmarks": [
            {"name": name, "run_name": name, "run_type": "iteration", "figure": figure}
            for name, figures in taking.samples.items() for figure in figures
        ],
    }


def find_servers(build: Path) -> list[Server]:
    """Those that are there: a peer that could not be fetched is not measured."""
    folder = build / "bench/load"
    node_modules = build.parent / "bench-peers/npm/node_modules/ws/wrapper.mjs"
    script = Path(__file__).parent / "load/servers/ws_server.mjs"
    all_servers = [
        # Without Pings, as opening 100,000 connections may take longer than they may be silent.
        Server(OURS, [str(build / "impl/apps/echo_server"), "--no-deflate", "--idle-timeout=0"]),
        Server(RAW, [str(folder / "raw_server")], "raw"),
        Server(ASIO, [str(folder / "asio_server")], "raw"),
        Server("uWebSockets", [str(folder / "uwebsockets_server")]),
        Server("Boost.Beast", [str(folder / "beast_server")]),
        Server("websocketpp", [str(folder / "websocketpp_server")]),
    ]
    found = [server for server in all_servers if Path(server.command[0]).exists()]
    if node_modules.exists() and shutil.which("node"):
        found.append(Server("ws", ["node", str(script), str(node_modules.resolve())]))
    return found


def in_rounds(taking: Measurement, rounds: int, measure_one: Callable[[Running], None]) -> None:
    """Keeps all servers running, and goes through them in another order each round."""
    with contextlib.ExitStack() as stack:
        running: list[Running] = []
        for server in taking.servers:
            try:
                running.append(stack.enter_context(taking.running(server)))
            except LoadError as error:
                taking.fail(server, error)
        for _ in range(rounds):
            for each in random.sample(running, len(running)):
                try:
                    measure_one(each)
                except LoadError as error:
                    taking.fail(each.server, error)
                    running.remove(each)


def measure_echo(taking: Measurement) -> None:
    """Small and large messages on 100 connections, and small ones on fewer and more."""
    def add(subject: str, kind: str, each: Running, size: int, result: dict[str, Any]) -> None:
        name = each.server.name
        taking.add(subject, kind, name, size, result["messages"] / result["seconds"])
        taking.add(f"{subject}_cpu", kind, name, size,
                    result["messages"] / result["server_seconds"])

    def measure_sizes(each: Running) -> None:
        for size in taking.plan.sizes:
            result = taking.echo(each, 100, size, 16, time=4 * taking.plan.time if size > 1 << 19
                                  else None)
            add("echo", "100 connections 16 deep", each, size, result)

    def measure_connections(each: Running) -> None:
        for connections in taking.plan.connections:
            result = taking.echo(each, connections, 20, 16)
            add("echo_growth", "20 B 16 deep", each, connections, result)

    if taking.is_wanted("echo") or taking.is_wanted("echo_cpu"):
        in_rounds(taking, taking.plan.rounds, measure_sizes)
    if taking.is_wanted("echo_growth") or taking.is_wanted("echo_growth_cpu"):
        in_rounds(taking, taking.plan.rounds, measure_connections)


def measure_latency(taking: Measurement) -> None:
    def measure_one(each: Running) -> None:
        result = taking.echo(each, 1, 20, 1)
        for kind in ("p50", "p99"):
            taking.add("latency", f"1 connection {kind}", each.server.name, 20, result[kind])

    in_rounds(taking, taking.plan.latency_rounds, measure_one)


def measure_idle(taking: Measurement) -> None:
    """Memory of a connection that says nothing, and that it still echoes."""
    per_connection: dict[tuple[str, int], float] = {}
    for server in taking.servers:
        counts = list(taking.plan.idle)
        if server.name in (OURS, RAW, ASIO):
            counts += taking.plan.idle_ours
        for count in counts:
            reason = why_not_idle(taking.machine.descriptors, count)
            if reason:
                taking.skip(f"{count:,} idle connections, {server.name}", reason)
                continue
            try:
                own, kernel = hold_idle(taking, server, count)
            except LoadError as error:
                taking.fail(server, error)
                break
            per_connection[server.name, count] = own
            taking.add("idle_memory", "process", server.name, count, max(own, 1))
            if server.name == OURS:
                taking.add("idle_memory", "kernel both ends", server.name, count, max(kernel, 1))
    for (name, count), own in per_connection.items():
        if name == OURS and (ASIO, count) in per_connection:
            taking.add("idle_memory", "without Asio", OURS, count,
                        max(own - per_connection[ASIO, count], 1))
            taking.add("idle_memory", "without Asio", "limit", count, 512)


def why_not_idle(descriptors: int, count: int) -> str | None:
    """Returns: why the system forbids so many connections."""
    if descriptors < 2 * SPARE_DESCRIPTORS:
        return f"RLIMIT_NOFILE is {descriptors}"
    available = int(re.search(r"^MemAvailable:\s+(\d+) kB", Path("/proc/meminfo").read_text(),
                              re.MULTILINE).group(1)) * 1024
    if available < count * CONNECTION_COST:
        return f"{available >> 20} MiB of memory are free, {count * CONNECTION_COST >> 20} needed"
    in_use, _, most = map(int, Path("/proc/sys/fs/file-nr").read_text().split())
    if most - in_use < 2 * count:
        return f"fs.file-max leaves {most - in_use} descriptors, {2 * count} needed"
    return None


def hold_idle(taking: Measurement, server: Server, count: int) -> tuple[float, float]:
    """Returns: bytes of a connection, the server's own and the kernel's.

    Where RLIMIT_NOFILE is lower than `count`, several servers share the connections.
    """
    of_one = taking.machine.descriptors - SPARE_DESCRIPTORS
    parts = [min(of_one, count - first) for first in range(0, count, of_one)]
    with contextlib.ExitStack() as stack:
        running = [stack.enter_context(taking.running(server)) for _ in parts]
        holders = [
            stack.enter_context(taking.load("idle", f"--port={each.port}", f"--first={first}",
                                             f"--protocol={server.protocol}"))
            for each, first in zip(running, range(0, count, of_one))
        ]

        def tell(commands: list[str]) -> None:
            for holder, command in zip(holders, commands):
                holder.write(command)
            for holder in holders:
                holder.read(r"^holding")

        # What a server takes once, for its first connections, is not of those that follow.
        tell(["10" for _ in parts])
        tell(["echo" for _ in parts])
        before = sum(each.anonymous_memory() for each in running)
        kernel_before = kernel_memory()
        tell([str(part) for part in parts])
        tell(["echo" for _ in parts])  # all are there
        added = count - 10 * len(parts)
        return ((sum(each.anonymous_memory() for each in running) - before) / added,
                (kernel_memory() - kernel_before) / added)


def kernel_memory() -> int:
    """Bytes that the kernel has for sockets, files and the like, of the whole machine."""
    slab = re.search(r"^Slab:\s+(\d+) kB", Path("/proc/meminfo").read_text(), re.MULTILINE)
    pages = re.search(r"^TCP:.* mem (\d+)", Path("/proc/net/sockstat").read_text(), re.MULTILINE)
    return int(slab.group(1)) * 1024 + int(pages.group(1)) * resource.getpagesize()


HOSTILITIES = {
    "trickles-head": "peers that trickle their head",
    "byte-per-second": "peers that send a byte a second",
    "never-reads": "peers that never read",
}


def measure_hostile(taking: Measurement) -> None:
    """Echo of others beside hostile peers, in turn with a server that has none, and their memory."""
    ours = taking.server_named(OURS)
    for hostility, kind in HOSTILITIES.items():
        try:
            bear_hostility(taking, ours, hostility, kind)
        except LoadError as error:
            taking.fail(ours, error)


def bear_hostility(taking: Measurement, ours: Server, hostility: str, kind: str) -> None:
    peers = taking.plan.hostile
    with contextlib.ExitStack() as stack:
        alone = stack.enter_context(taking.running(ours))
        beset = stack.enter_context(taking.running(ours))
        taking.echo(beset, 1, 20, 16)  # more connections would leave memory for the peers
        before = beset.anonymous_memory()
        hostile = stack.enter_context(taking.load(
            "hostile", f"--port={beset.port}", f"--kind={hostility}", f"--peers={peers}"))
        hostile.read(r"^ready")
        taken = (beset.anonymous_memory() - before) / peers
        taking.add("hostile_memory", kind, OURS, peers, max(taken, 1))
        for _ in range(taking.plan.rounds):
            result = taking.echo(beset, 100, 20, 16)
            taking.add("hostile", kind, OURS, peers, result["messages"] / result["seconds"])
            hostile.send(signal.SIGSTOP)
            result = taking.echo(alone, 100, 20, 16)
            taking.add("hostile", kind, "without them", peers,
                        result["messages"] / result["seconds"])
            hostile.send(signal.SIGCONT)
        hostile.end_input()
        hostile.read(r"^sent")
        taking.echo(beset, 100, 20, 16)
    # What the settings of the transport allow: answers up to the high water, in a vector that may
    # have grown to twice that, and one read.
    bound = 2 * 1024 * 1024 + 128 * 1024 if hostility == "never-reads" else 128 * 1024
    taking.add("hostile_memory", kind, "limit", peers, bound)


MEASUREMENTS: list[tuple[tuple[str, ...], Callable[[Measurement], None]]] = [
    (("echo", "echo_cpu", "echo_growth", "echo_growth_cpu"), measure_echo),
    (("latency",), measure_latency),
    (("idle_memory",), measure_idle),
    (("hostile", "hostile_memory"), measure_hostile),
]
