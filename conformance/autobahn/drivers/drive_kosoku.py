"""Runs kosoku, which drives the case files of Autobahn|Testsuite on Python >= 3.10.

usage: drive_kosoku.py PLAN.json   (the plan and the events are described in engine.py)

Runs inside kosoku's environment. Against a server the cases are run one by one, so that each
verdict is told at once, unless the plan has a `concurrency`; then, and against a client, kosoku
hands all of them over at the end.
"""

import asyncio
import importlib.metadata
import json
import os
import platform
import sys
import threading
from pathlib import Path
from typing import Any

from kosoku import FailureError, run_fuzzingclient, run_fuzzingserver
from kosoku._report import case_to_dict, write_reports


def tell(event: str, **members: Any) -> None:
    print(json.dumps({"event": event, **members}), flush=True)


def end_with_parent() -> None:
    """Ends this process when whoever started it has gone: stdin is a pipe from there."""
    sys.stdin.read()
    os._exit(1)


def tell_finished(result: Any, directory: Path) -> None:
    name = f"case_{result.case_id.replace('.', '_')}.json"
    (directory / name).write_text(json.dumps(case_to_dict(result)), encoding="ascii")
    tell("finished", case=result.case_id, file=name)


async def test_server(plan: dict[str, Any], directory: Path) -> list[Any]:
    if "concurrency" in plan:
        return await test_server_concurrently(plan, directory)
    results = []
    for case in plan["cases"]:
        tell("started", case=case)
        try:
            result = (await run_fuzzingclient(plan["url"], [case]))[0]
        except FailureError as failure:
            result = failure.results[0]
        tell_finished(result, directory)
        results.append(result)
    return results


async def test_server_concurrently(plan: dict[str, Any], directory: Path) -> list[Any]:
    try:
        results = await run_fuzzingclient(plan["url"], plan["cases"],
                                          concurrency=plan["concurrency"])
    except FailureError as failure:
        results = failure.results
    for result in results:
        tell_finished(result, directory)
    return results


async def test_client(plan: dict[str, Any], directory: Path) -> list[Any]:
    async with run_fuzzingserver(plan["cases"], host=plan["host"], port=0) as server:
        tell("listening", port=server.port)
        try:
            results = await server.get_result()
        except FailureError as failure:
            results = failure.results
    for result in results:
        tell_finished(result, directory)
    return results


def main(path: str) -> None:
    plan = json.loads(Path(path).read_text(encoding="utf-8"))
    threading.Thread(target=end_with_parent, daemon=True).start()
    version = importlib.metadata.version("kosoku")
    tell("engine", engine="kosoku", version=version, library=None,
         python=f"{platform.python_implementation()} {platform.python_version()}")
    directory = Path(plan["results"])
    test = test_server if plan["role"] == "server" else test_client
    write_reports(asyncio.run(test(plan, directory)), str(directory), False)
    tell("reports")


if __name__ == "__main__":
    main(sys.argv[1])
