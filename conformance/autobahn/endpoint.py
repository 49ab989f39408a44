"""The implementation under test: how it is started and found to answer."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import os
import shlex
import socket
import ssl
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import SplitResult, urlsplit

from processes import within
from selection import SLOW_SECTIONS

FIRST_PAUSE = 0.02  # seconds between attempts to connect to a server that is starting
LONGEST_PAUSE = 0.5


@dataclass(frozen=True)
class Limits:
    """How long things may take, in seconds."""

    run: float = 3600.0  # all of it
    case: float = 60.0  # one case; the suite itself would wait for ever for some peers
    slow_case: float = 480.0  # one of the sections that move megabytes
    start: float = 30.0  # until a server answers or a client connects

    def of_case(self, case_id: str) -> float:
        """Returns the limit of one case."""
        return self.slow_case if case_id.split(".")[0] in SLOW_SECTIONS else self.case


class NoAnswer(Exception):
    """A server did not take part in an opening handshake; the message says what it did."""


@dataclass(frozen=True)
class Certificate:
    """A certificate for localhost and its key, as PEM files."""

    certificate: Path
    key: Path


@dataclass(frozen=True)
class Target:
    """What is tested. Of a server: a URL, a command, or both. Of a client: a command."""

    role: str
    name: str
    url: str | None = None
    command: str | None = None
    tls: bool = False
    host: str = "127.0.0.1"

    def placeholders(self, port: int, certificate: Certificate | None) -> dict[str, str]:
        """Returns what stands for {url}, {port} and so on in `url` and `command`."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        values = {
            "url": f"{'wss' if self.tls else 'ws'}://{host}:{port}",
            "host": self.host,
            "port": str(port),
            "agent": self.name,
        }
        if certificate:
            values["cert"] = values["ca"] = str(certificate.certificate)
            values["key"] = str(certificate.key)
        return values


def check_url(url: str, option: str) -> SplitResult:
    """Checks a WebSocket URL.

    Errors: ValueError, naming the option.
    """
    try:
        parts = urlsplit(url)
        valid = parts.scheme in ("ws", "wss") and parts.hostname and not parts.fragment
        _ = parts.port
    except ValueError:
        valid = False
    if not valid:
        raise ValueError(f"{option} {url!r} is no WebSocket URL; give one such as "
                         "ws://127.0.0.1:9001/ or wss://localhost:9443/chat")
    return parts


def fill(command: str, values: dict[str, str]) -> list[str]:
    """Splits a command into words as a shell would, then fills in {url}, {port} and so on.

    Errors: ValueError for unbalanced quotes or an empty command.
    """
    words = shlex.split(command)
    if not words:
        raise ValueError("is empty")
    for name, value in values.items():
        words = [word.replace("{" + name + "}", value) for word in words]
    return words


def environment_with(values: dict[str, str]) -> dict[str, str]:
    """Returns our environment with the same values as WSPROOF_URL, WSPROOF_PORT and so on."""
    return {**os.environ, **{f"WSPROOF_{name.upper()}": value for name, value in values.items()}}


def free_port(host: str) -> int:
    """Returns a port that nobody listens on at the moment."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.bind((host, 0))
        return int(probe.getsockname()[1])


async def open_handshake(url: str, on_connected: Callable[[], None] = lambda: None) -> None:
    """Connects to a server and asks for a WebSocket, once; then drops the connection.

    Waits for the response as long as it takes. Errors: NoAnswer.
    """
    parts = urlsplit(url)
    secure = parts.scheme == "wss"
    host, port = parts.hostname or "", parts.port or (443 if secure else 80)
    context = None
    if secure:
        # It is the suite that judges the server; here is asked only whether one is there.
        context = ssl.create_default_context()
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    key = base64.b64encode(os.urandom(16)).decode()
    request = (
        f"GET {parts.path or '/'}{'?' + parts.query if parts.query else ''} HTTP/1.1\r\n"
        f"Host: {parts.netloc.rpartition('@')[2]}\r\nUpgrade: websocket\r\n"
        f"Connection: Upgrade\r\nSec-WebSocket-Key: {key}\r\nSec-WebSocket-Version: 13\r\n\r\n"
    )
    try:
        reader, writer = await asyncio.open_connection(host, port, ssl=context)
    except OSError as error:
        raise NoAnswer(f"no connection to {host}:{port}: {_describe(error)}") from error
    on_connected()
    try:
        writer.write(request.encode())
        status = (await reader.readline()).decode("latin-1").strip()
    except (OSError, ValueError) as error:
        raise NoAnswer(f"connection to {host}:{port} lost: {error}") from error
    finally:
        writer.close()
        with contextlib.suppress(OSError, TimeoutError):
            await within(1, writer.wait_closed())
    if status.split(" ")[1:2] != ["101"]:
        raise NoAnswer(f"answered the opening handshake with {status!r}" if status
                       else "closed the connection during the opening handshake")


def _describe(error: OSError) -> str:
    if isinstance(error, ssl.SSLError) or not error.errno:
        return str(error)
    return os.strerror(error.errno)  # shorter than what asyncio says


async def wait_for_answer(url: str, limit: float) -> None:
    """Waits until a server completes an opening handshake, for at most `limit` seconds.

    Errors: NoAnswer with the last thing seen.
    """
    last = "nothing was seen"

    def on_connected() -> None:
        nonlocal last
        last = "it takes connections, but does not answer the opening handshake"

    async def attempt_until_answer() -> None:
        nonlocal last
        pause = FIRST_PAUSE
        while True:
            try:
                return await open_handshake(url, on_connected)
            except NoAnswer as error:
                last = str(error)
            await asyncio.sleep(pause)
            pause = min(2 * pause, LONGEST_PAUSE)

    try:
        await within(limit, attempt_until_answer())
    except TimeoutError:
        raise NoAnswer(f"{last} (waited {limit:g} s)") from None


async def make_certificate(directory: Path) -> Certificate:
    """Makes a self-signed certificate for localhost and 127.0.0.1 that is valid for two days.

    Errors: OSError, also when openssl fails.
    """
    made = Certificate(directory / "certificate.pem", directory / "key.pem")
    process = await asyncio.create_subprocess_exec(
        "openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1",
        "-nodes", "-days", "2", "-subj", "/CN=localhost",
        "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1,IP:::1",
        "-keyout", str(made.key), "-out", str(made.certificate),
        stdin=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.PIPE,
    )
    _, errors = await process.communicate()
    if process.returncode:
        raise OSError(f"openssl req: {errors.decode(errors='replace').strip()[-300:]}")
    return made
