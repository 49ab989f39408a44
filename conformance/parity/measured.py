"""Runs a command and notes the processor time that it took, with all it has waited for.

usage: measured.py FILE COMMAND ARGUMENT..

Adds a line with seconds to FILE. Whoever tests a client starts it; this tells its time from theirs.
"""

from __future__ import annotations

import os
import resource
import signal
import subprocess
import sys
from typing import Any

ENDING = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)


def main(path: str, command: list[str]) -> int:
    """Returns the status of the command; ends by the same signal as it did."""
    # A signal to end is for the command. One that comes before there is a process waits.
    signal.pthread_sigmask(signal.SIG_BLOCK, ENDING)
    with subprocess.Popen(command, preexec_fn=unblock) as process:
        def hand_on(number: int, _: Any) -> None:
            process.send_signal(number)

        for number in ENDING:
            signal.signal(number, hand_on)
        unblock()
        status = process.wait()
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    with open(path, "a", encoding="ascii") as file:
        file.write(f"{used.ru_utime + used.ru_stime:.6f}\n")
    if status < 0:
        signal.signal(-status, signal.SIG_DFL)
        os.kill(os.getpid(), -status)
    return status


def unblock() -> None:
    """Lets the signals through again."""
    signal.pthread_sigmask(signal.SIG_UNBLOCK, ENDING)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], sys.argv[2:]))
