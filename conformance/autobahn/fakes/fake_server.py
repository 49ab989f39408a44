"""A server for tests that answers the opening handshake, and misbehaves as it is told to.

usage: fake_server.py PORT [MODE [PID_FILE]]
  good       answers with 101
  refuses    answers with 404
  mute       accepts connections and says nothing
  deaf       never listens
  dies       exits 3 at once
  short      exits 4 at the third connection after the one that asks whether it answers
  stubborn   ignores SIGTERM, and has a child that does
  fails_late exits 5 when asked to end
"""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import threading
from pathlib import Path


def main(port: str, mode: str = "good", pid_file: str = "") -> None:
    pids = [os.getpid()]
    if mode == "stubborn":
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        child = subprocess.Popen([sys.executable, "-c", "import signal; "
                                  "signal.signal(signal.SIGTERM, signal.SIG_IGN); signal.pause()"])
        pids.append(child.pid)
    if pid_file:
        Path(pid_file).write_text(" ".join(map(str, pids)))
    if mode == "dies":
        print("the fake server dies", flush=True)
        sys.exit(3)
    if mode == "deaf":
        threading.Event().wait()
    if mode == "fails_late":
        signal.signal(signal.SIGTERM, lambda *_: os._exit(5))
    listener = socket.create_server(("127.0.0.1", int(port)))
    connections = []
    while True:
        connection, _ = listener.accept()
        connections.append(connection)
        if mode == "short" and len(connections) == 4:
            os._exit(4)
        if mode == "mute":
            continue
        status = b"404 Not Found" if mode == "refuses" else b"101 Switching Protocols"
        connection.sendall(b"HTTP/1.1 " + status + b"\r\n\r\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
