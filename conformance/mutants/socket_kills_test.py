"""Tests of socket_kills."""

from __future__ import annotations

import os
import tempfile
import unittest
from pathlib import Path

from socket_kills import caught_by, command_for, confirm, spread

FAKE = """#!/usr/bin/env python3
import json, sys
arguments = sys.argv[1:]
cases = arguments[arguments.index("--cases") + 1].split(",")
if "dies" in arguments[2]: sys.exit(3)
verdict = {case: "fail" if case == CAUGHT else "pass" for case in cases}
with open(arguments[arguments.index("--json") + 1], "w") as file:
    json.dump({"cases": {case: {"verdict": verdict[case]} for case in cases}}, file)
"""


class Spread(unittest.TestCase):
    def test_few_are_taken_whole(self) -> None:
        self.assertEqual(spread(["1", "2"], 2), ["1", "2"])

    def test_of_many_some_are_taken_from_all_over_them(self) -> None:
        self.assertEqual(spread([str(i) for i in range(100)], 4), ["0", "25", "50", "75"])


class Command(unittest.TestCase):
    def test_a_server_gets_a_port_and_a_client_a_url(self) -> None:
        for role, where in (("server", "{port}"), ("client", "{url}")):
            command = command_for(Path("w"), Path("m"), "x", role, ["1", "2"], Path("r"))
            self.assertEqual(command[:2], ["w", role])
            self.assertIn(where, command[3])
            self.assertIn("--fault x", command[3])
            self.assertEqual(command[5], "1,2")


class Verdicts(unittest.TestCase):
    def test_what_is_wrong_catches_and_what_is_unsupported_does_not(self) -> None:
        run = {"1": {"verdict": "pass"}, "2": {"verdict": "non_strict"}, "3": {"verdict": "fail"},
               "4": {"verdict": "unsupported"}}
        self.assertEqual(caught_by(run), ["2", "3"])


class Confirm(unittest.TestCase):
    def confirmed(self, caught: str, fault: str = "x") -> list[str]:
        with tempfile.TemporaryDirectory() as directory:
            program = Path(directory) / "wsproof"
            program.write_text(FAKE.replace("CAUGHT", repr(caught)))
            os.chmod(program, 0o755)
            return confirm(Path(directory), fault, "server", ["1", "2", "3"])

    def test_the_first_case_may_do(self) -> None:
        self.assertEqual(self.confirmed("1"), ["1"])

    def test_the_others_are_tried_behind_it(self) -> None:
        self.assertEqual(self.confirmed("3"), ["3"])

    def test_what_needs_sockets_is_tried_at_last(self) -> None:
        self.assertEqual(self.confirmed("35"), ["35"])

    def test_nothing_may_catch_it(self) -> None:
        self.assertEqual(self.confirmed("none"), [])

    def test_an_endpoint_that_dies_is_caught(self) -> None:
        self.assertEqual(self.confirmed("none", "dies"), ["the endpoint died"])


if __name__ == "__main__":
    unittest.main()
