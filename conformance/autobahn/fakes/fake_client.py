"""A client for tests that asks for the URLs of Autobahn's client protocol, and no more.

usage: fake_client.py URL AGENT [MODE [PID_FILE]]
  good       runs all cases
  dies       kills itself when it has asked for case 2
  fails_late exits 6 after all
  leaves     exits 0 after case 2
  silent     never connects
  hangs      stops after case 2
  stays      does not exit at the end
"""

from __future__ import annotations

import os
import signal
import socket
import sys
import threading
from pathlib import Path
from urllib.parse import quote, urlsplit


def ask(url: str, target: str, wait: bool = True) -> str:
    parts = urlsplit(url)
    with socket.create_connection((parts.hostname, parts.port)) as connection:
        connection.sendall(f"GET {target} HTTP/1.1\r\n".encode())
        return connection.makefile().read() if wait else ""


def main(url: str, agent: str, mode: str = "good", pid_file: str = "") -> None:
    if pid_file:
        Path(pid_file).write_text(str(os.getpid()))
    if mode == "silent":
        threading.Event().wait()
    agent = quote(agent)
    for number in range(1, int(ask(url, "/getCaseCount")) + 1):
        if mode == "dies" and number == 2:
            ask(url, f"/runCase?case={number}&agent={agent}", wait=False)
            os.kill(os.getpid(), signal.SIGKILL)
        ask(url, f"/runCase?case={number}&agent={agent}")
        if mode == "leaves" and number == 2:
            return
        if mode == "hangs" and number == 2:
            threading.Event().wait()
    ask(url, f"/updateReports?agent={agent}")
    if mode == "stays":
        threading.Event().wait()
    if mode == "fails_late":
        sys.exit(6)


if __name__ == "__main__":
    main(*sys.argv[1:])
