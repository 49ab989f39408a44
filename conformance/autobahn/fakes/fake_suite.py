"""Stands in for an engine in tests: speaks the protocol of engine.py and judges nothing.

usage: fake_suite.py PLAN.json; FAKE_SUITE in the environment may hold a JSON object:
  verdicts {id: [behavior, behaviorClose]}   instead of OK, OK
  hang, broken_file, crash [ids]             never end the case, write no JSON, exit 1 during it
  other_index [ids]                          index.json says FAILED
  nonsense true                              write a line that is no event, and go on
  silent true                                tell of no case until the end, as kosoku does
  no_index true                              write no index.json
"""

from __future__ import annotations

import json
import os
import signal
import socket
import sys
import threading
import time
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

BEHAVE: dict[str, Any] = json.loads(os.environ.get("FAKE_SUITE", "{}"))


def tell(event: str, **members: Any) -> None:
    print(json.dumps({"event": event, **members}), flush=True)


def case_report(case_id: str, agent: str) -> dict[str, Any]:
    """A case file as the suite writes it."""
    behavior, behavior_close = BEHAVE.get("verdicts", {}).get(case_id, ["OK", "OK"])
    return {
        "agent": agent, "behavior": behavior, "behaviorClose": behavior_close, "case": 1,
        "closedByMe": True, "createStats": True, "createWirelog": True, "description": "",
        "droppedByMe": False, "duration": 2, "expectation": "",
        "expected": {"OK": [["message", "*", False], ["pong", "0x00fe ...", ]]},
        "expectedClose": {"closeCode": [1000], "closedByMe": True, "requireClean": True},
        "failedByMe": False, "httpRequest": "GET / HTTP/1.1\r\n\r\n", "httpResponse": "?",
        "id": case_id, "isServer": False, "localCloseCode": 1000, "localCloseReason": None,
        "received": [["message", "*", False], ["timeout", "A"]], "remoteCloseCode": 1000,
        "remoteCloseReason": None, "reportCompressionRatio": False, "reportTime": False,
        "result": "Actual events match.", "resultClose": "Properly closed.", "rxFrameStats": {},
        "rxOctetStats": {}, "started": "2026-11-25T15:21:43.414Z", "trafficStats": None,
        "txFrameStats": {}, "txOctetStats": {}, "wasClean": True,
        "wasCloseHandshakeTimeout": False, "wasNotCleanReason": None,
        "wasOpenHandshakeTimeout": False, "wasServerConnectionDropTimeout": False,
        "wirelog": [],
    }


class Suite:
    def __init__(self, plan: dict[str, Any]) -> None:
        self.plan = plan
        self.results = Path(plan["results"])
        self.done: dict[str, dict[str, Any]] = {}
        self.untold: list[str] = []

    def run_case(self, case_id: str, agent: str) -> None:
        if not BEHAVE.get("silent"):
            tell("started", case=case_id)
        if case_id in BEHAVE.get("crash", ()):
            print("Traceback: the fake crashed", file=sys.stderr, flush=True)
            os._exit(1)
        if case_id in BEHAVE.get("hang", ()):
            threading.Event().wait()
        if BEHAVE.get("nonsense"):
            print("this is no event", flush=True)
        report = case_report(case_id, agent)
        broken = case_id in BEHAVE.get("broken_file", ())
        text = '{"id": "1.1' if broken else json.dumps(report)
        (self.results / f"{case_id}.json").write_text(text)
        self.done[case_id] = report
        if BEHAVE.get("silent"):
            self.untold.append(case_id)
        else:
            tell("finished", case=case_id, file=f"{case_id}.json")

    def write_index(self) -> None:
        for case_id in self.untold:
            tell("finished", case=case_id, file=f"{case_id}.json")
        self.untold.clear()
        if not BEHAVE.get("no_index"):
            index: dict[str, Any] = {}
            for case_id, report in self.done.items():
                entry = {name: report[name] for name in ("behavior", "behaviorClose")}
                if case_id in BEHAVE.get("other_index", ()):
                    entry["behavior"] = "FAILED"
                index.setdefault(report["agent"], {})[case_id] = entry
            (self.results / "index.json").write_text(json.dumps(index))
        tell("reports")

    def test_server(self) -> None:
        parts = urlsplit(self.plan["url"])
        for case_id in self.plan["cases"]:
            try:
                with socket.create_connection((parts.hostname, parts.port)) as connection:
                    connection.recv(1)  # something of the response, or the server's end
                    self.run_case(case_id, self.plan["agent"])
            except OSError as error:
                tell("refused", case=case_id, reason=str(error))
                break
        self.write_index()

    def test_client(self) -> None:
        listener = socket.create_server((self.plan["host"], 0))
        tell("listening", port=listener.getsockname()[1])
        while True:
            connection, _ = listener.accept()
            with connection:
                request = connection.makefile().readline().split()
                if len(request) < 2:
                    continue
                url = urlsplit(request[1])
                query = {name: values[0] for name, values in parse_qs(url.query).items()}
                if not BEHAVE.get("silent"):
                    tell("request", path=url.path)
                if url.path == "/getCaseCount":
                    connection.sendall(f"{len(self.plan['cases'])}\n".encode())
                elif url.path == "/runCase":
                    self.run_case(self.plan["cases"][int(query["case"]) - 1], query["agent"])
                elif url.path == "/updateReports":
                    self.write_index()
                    if BEHAVE.get("silent"):
                        return


def end_with_parent() -> None:
    sys.stdin.read()
    os._exit(1)


def main() -> None:
    plan = json.loads(Path(sys.argv[1]).read_text())
    threading.Thread(target=end_with_parent, daemon=True).start()
    suite = Suite(plan)

    def stop(*_: Any) -> None:
        if plan["role"] == "client" and not BEHAVE.get("silent"):
            suite.write_index()
        os._exit(0)

    signal.signal(signal.SIGTERM, stop)
    tell("engine", engine="fake", version="1", library="fake 2", python="Fake 2.7.0")
    if plan["role"] == "server":
        suite.test_server()
    else:
        suite.test_client()


if __name__ == "__main__":
    main()
