"""Tests of json_schema: every keyword, with a value that it accepts and one that it refuses."""

from __future__ import annotations

import unittest
from typing import Any

from json_schema import Schema, SchemaChecker


def problems(schema: Schema, value: Any) -> list[str]:
    return [str(problem) for problem in SchemaChecker(schema).problems(value)]


class Keywords(unittest.TestCase):
    def test_accept_and_refuse(self) -> None:
        nested: Schema = {
            "$ref": "#/$defs/tree",
            "$defs": {"tree": {"type": "array", "items": {"$ref": "#/$defs/tree"}}},
        }
        closed: Schema = {
            "properties": {"a": {"type": "string"}},
            "patternProperties": {"^x-": True},
            "additionalProperties": False,
        }
        either: Schema = {
            "if": {"properties": {"kind": {"const": "a"}}}, "then": {"required": ["b"]}
        }  # fmt: skip
        rows: list[tuple[Schema, list[Any], list[tuple[Any, str]]]] = [
            ({"type": "integer"}, [1, 1.0], [(True, "the file: is true; write integer"),
                                             (1.5, "the file: is 1.5; write integer")]),
            ({"type": ["string", "null"]}, ["", None], [(1, "the file: is 1; write string or null")]),
            ({"type": "number"}, [1, 0.5], [(False, "the file: is false; write number")]),
            ({"const": 1}, [1], [(True, "the file: is true; write 1")]),
            ({"enum": ["a", None]}, ["a", None], [(0, 'the file: is 0; write one of "a", null')]),
            ({"minimum": 1, "maximum": 2}, [1, 2, "x"], [(0, "the file: is 0; write at least 1"),
                                                         (3, "the file: is 3; write at most 2")]),
            ({"minLength": 1}, ["a", 1], [("", "the file: is empty; write what it is, or leave the "
                                               "member out")]),
            ({"pattern": "^a$"}, ["a", 1], [("a\n", 'the file: is "a\\n"; match ^a$')]),
            (nested, [[], [[], [[]]]], [([[], [0]], "1/0: is 0; write array")]),
            (closed, [{}, {"a": ""}, {"x-b": 1}], [
                ({"b": 1}, "b: is not known; see run.schema.json for the spelling, or start the "
                           "name of a private member with x-"),
                ({"a": 1}, "a: is 1; write string")]),
            ({"propertyNames": {"pattern": "^a"}}, [{"a": 1}], [({"b": 1}, 'b: is "b"; match ^a')]),
            ({"additionalProperties": {"type": "null"}}, [{"a": None}],
             [({"a": {"b": 1}}, 'a: is {"b": 1}; write null')]),
            (either, [{"kind": "b"}, {"kind": "a", "b": 1}, 1], [
                ({"kind": "a"}, "b: is missing; add it"), ({}, "b: is missing; add it")]),
            ({"allOf": [{"minimum": 1}, {"maximum": 2}]}, [1],
             [(0, "the file: is 0; write at least 1")]),
        ]  # fmt: skip
        for schema, good, bad in rows:
            for value in good:
                with self.subTest(schema=schema, value=value):
                    self.assertEqual(problems(schema, value), [])
            for value, message in bad:
                with self.subTest(schema=schema, value=value):
                    self.assertEqual(problems(schema, value), [message])

    def test_every_problem_is_found_at_its_place(self) -> None:
        schema: Schema = {
            "required": ["z"],
            "additionalProperties": {"items": {"required": ["b"]}},
        }
        self.assertEqual(
            problems(schema, {"a": [{"b": 1}, {}], "c": [{}]}),
            ["z: is missing; add it", "a/1/b: is missing; add it", "c/0/b: is missing; add it"],
        )

    def test_long_values_are_cut(self) -> None:
        [message] = problems({"type": "null"}, "a" * 100)
        self.assertEqual(message, f'the file: is "{"a" * 56}...; write null')

    def test_an_unknown_keyword_is_refused(self) -> None:
        with self.assertRaisesRegex(NotImplementedError, "multipleOf"):
            SchemaChecker({"items": {"multipleOf": 2}}).problems([])


if __name__ == "__main__":
    unittest.main()
