"""Checks JSON values against a schema and says what is wrong, where, and what to do.

Knows the keywords of JSON Schema 2020-12 that run.schema.json uses, and refuses others.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable
from typing import Any, NamedTuple

Schema = dict[str, Any]
Check = Callable[[Any], None]


class Problem(NamedTuple):
    """One thing wrong with a file."""

    where: str  # such as cases/1.1.1/verdict; empty for the file as a whole
    what: str
    remedy: str

    def __str__(self) -> str:
        return f"{self.where or 'the file'}: {self.what}; {self.remedy}"


class SchemaChecker:
    """Checks values against one schema.

    A run holds some hundred thousand members, so each schema is looked through once and kept as
    a list of checks, and places are put into words only for a problem.
    """

    KEYWORDS = frozenset((
        "$ref", "additionalProperties", "allOf", "const", "enum", "if", "items", "maximum",
        "minLength", "minimum", "pattern", "patternProperties", "properties", "propertyNames",
        "required", "then", "type",
    ))
    ANNOTATIONS = frozenset(("$schema", "$id", "$defs", "title", "description", "format"))
    TYPES: dict[str, type | tuple[type, ...]] = {
        "object": dict,
        "array": list,
        "string": str,
        "boolean": bool,
        "integer": int,
        "number": (int, float),
        "null": type(None),
    }

    def __init__(self, root: Schema) -> None:
        self._root = root
        self._compiled: dict[int, Check] = {}
        self._place: list[str | int] = []
        self._problems: list[Problem] = []

    def problems(self, value: Any) -> list[Problem]:
        """Returns every way in which `value` breaks the schema."""
        self._place, self._problems = [], []
        self._compile(self._root)(value)
        return self._problems

    def _report(self, what: str, remedy: str, *below: str) -> None:
        where = "/".join(map(str, (*self._place, *below)))
        self._problems.append(Problem(where, what, remedy))

    def _compile(self, schema: Schema | bool) -> Check:
        """Returns the check of a schema; a schema that refers to itself finds its own check."""
        if schema is True:
            return lambda value: None
        if schema is False:
            return lambda value: self._report(
                "is not known", "see run.schema.json for the spelling, or start the name of a "
                "private member with x-"
            )
        if id(schema) not in self._compiled:
            self._compiled[id(schema)] = lambda value: self._compiled[id(schema)](value)
            self._compiled[id(schema)] = self._compile_keywords(schema)
        return self._compiled[id(schema)]

    def _compile_keywords(self, schema: Schema) -> Check:
        if unknown := schema.keys() - self.KEYWORDS - self.ANNOTATIONS:
            raise NotImplementedError(f"JSON Schema keywords {sorted(unknown)}")
        checks = [self._compile(part) for part in schema.get("allOf", ())]
        if "$ref" in schema:
            checks.append(self._compile(self._resolve(schema["$ref"])))
        for keywords, make in (
            (("const", "enum"), self._compile_choice),
            (("minLength", "pattern"), self._compile_string),
            (("minimum", "maximum"), self._compile_number),
            (("items",), self._compile_array),
            (
                ("required", "properties", "patternProperties", "additionalProperties",
                 "propertyNames"),
                self._compile_object,
            ),
            (("if",), self._compile_condition),
        ):
            if any(keyword in schema for keyword in keywords):
                checks.append(make(schema))
        has_type = self._compile_type(schema)
        if has_type is None:
            if len(checks) == 1:
                return checks[0]

            def check_all(value: Any) -> None:
                for check in checks:
                    check(value)

            return check_all

        def check_type_first(value: Any) -> None:
            if has_type(value):
                for check in checks:
                    check(value)

        return check_type_first

    def _compile_type(self, schema: Schema) -> Callable[[Any], bool] | None:
        if "type" not in schema:
            return None
        names = schema["type"] if isinstance(schema["type"], list) else [schema["type"]]
        allowed = tuple(self.TYPES[name] for name in names)
        # In JSON true is no number, and 1.0 is an integer.
        allows_bool = "boolean" in names
        allows_whole_float = "integer" in names
        remedy = f"write {' or '.join(names)}"

        def has_type(value: Any) -> bool:
            if isinstance(value, bool):
                right = allows_bool
            else:
                right = isinstance(value, allowed) or (
                    allows_whole_float and isinstance(value, float) and value.is_integer()
                )
            if not right:
                self._report(f"is {show(value)}", remedy)
            return right

        return has_type

    def _compile_choice(self, schema: Schema) -> Check:
        choices = schema["enum"] if "enum" in schema else [schema["const"]]
        shown = ", ".join(map(show, choices))
        remedy = f"write one of {shown}" if "enum" in schema else f"write {shown}"

        def check(value: Any) -> None:
            if not any(_equal(value, choice) for choice in choices):
                self._report(f"is {show(value)}", remedy)

        return check

    def _compile_string(self, schema: Schema) -> Check:
        pattern = _compile_pattern(schema.get("pattern", ""))
        least = schema.get("minLength", 0)

        def check(value: Any) -> None:
            if not isinstance(value, str):
                return
            if len(value) < least:
                self._report("is empty", "write what it is, or leave the member out")
            if not pattern.search(value):
                self._report(f"is {show(value)}", f"match {schema['pattern']}")

        return check

    def _compile_number(self, schema: Schema) -> Check:
        least = schema.get("minimum", -math.inf)
        most = schema.get("maximum", math.inf)

        def check(value: Any) -> None:
            if isinstance(value, bool) or not isinstance(value, (int, float)):
                return
            if value < least:
                self._report(f"is {value}", f"write at least {least}")
            if value > most:
                self._report(f"is {value}", f"write at most {most}")

        return check

    def _compile_array(self, schema: Schema) -> Check:
        check_item = self._compile(schema["items"])

        def check(value: Any) -> None:
            if not isinstance(value, list):
                return
            self._place.append(0)
            for self._place[-1], item in enumerate(value):
                check_item(item)
            self._place.pop()

        return check

    def _compile_object(self, schema: Schema) -> Check:
        required = schema.get("required", ())
        properties = schema.get("properties", {})
        patterns = [
            (_compile_pattern(pattern), self._compile(part))
            for pattern, part in schema.get("patternProperties", {}).items()
        ]
        check_other = self._compile(schema.get("additionalProperties", True))
        check_name = self._compile(schema["propertyNames"]) if "propertyNames" in schema else None

        def checks_of(name: str) -> list[Check]:
            checks = [part for pattern, part in patterns if pattern.search(name)]
            if name in properties:
                checks.append(self._compile(properties[name]))
            return checks or [check_other]

        known = {name: checks_of(name) for name in properties}
        others_matter = not schema.keys().isdisjoint(
            ("patternProperties", "additionalProperties", "propertyNames")
        )

        def check(value: Any) -> None:
            if not isinstance(value, dict):
                return
            for name in required:
                if name not in value:
                    self._report("is missing", "add it", name)
            self._place.append("")
            for name in value if others_matter else known.keys() & value.keys():
                self._place[-1] = name
                if check_name:
                    check_name(name)
                for part in known.get(name) or checks_of(name):
                    part(value[name])
            self._place.pop()

        return check

    def _compile_condition(self, schema: Schema) -> Check:
        condition = self._compile(schema["if"])
        consequence = self._compile(schema.get("then", True))

        def check(value: Any) -> None:
            problems, self._problems = self._problems, []
            condition(value)
            holds, self._problems = not self._problems, problems
            if holds:
                consequence(value)

        return check

    def _resolve(self, reference: str) -> Schema:
        schema: Any = self._root
        for name in reference.removeprefix("#/").split("/"):
            schema = schema[name]
        return schema


def show(value: Any) -> str:
    """A JSON value as a message names it, cut if it is long."""
    text = json.dumps(value)
    return text if len(text) <= 60 else text[:57] + "..."


def _equal(left: Any, right: Any) -> bool:
    """Equality of JSON values: true is not 1."""
    return isinstance(left, bool) == isinstance(right, bool) and left == right


def _compile_pattern(pattern: str) -> re.Pattern[str]:
    # Python's $ also matches before a final newline, the $ of JSON Schema does not.
    return re.compile(pattern[:-1] + r"\Z" if pattern.endswith("$") else pattern)
