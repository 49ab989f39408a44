"""What a target's output says about why it stopped, and which reports have the same cause."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass

# Functions that every report has, which say nothing about its cause.
COMMON = re.compile(
    r"^(__|raise$|abort$|gsignal$|pthread_kill|fuzzer::|ws::fuzz::require\b|LLVMFuzzer|main$|_start$"
    r"|std::|operator (new|delete)|malloc$|calloc$|realloc$|free$|mem(cpy|move|set|cmp)$)")
FRAME = re.compile(r"^\s*#\d+ 0x[0-9a-f]+\s+(?:in (?P<function>.*?) )?(?P<place>\S+|\([^)]*\))"
                   r"(?: \(BuildId: \w+\))?$")
ENTRY = "LLVMFuzzerTestOneInput"
MAX_FRAMES = 3


@dataclass(frozen=True)
class Cause:
    """Why an input was reported. Two reports with equal causes are one finding."""

    kind: str  # mismatch, crash, memory, undefined, hang or leak
    title: str
    frames: tuple[str, ...] = ()  # functions, the innermost first; for a hang the outermost

    def id(self) -> str:
        """A name for a folder: what it is, and a hash of all of it."""
        words = re.sub(r"[^a-z0-9]+", "-", self.title.lower()).strip("-")[:40].strip("-")
        text = "\n".join((self.kind, self.title, *self.frames))
        return f"{self.kind}-{words}-{hashlib.sha1(text.encode()).hexdigest()[:8]}"


def plain_name(function: str) -> str:
    """A function without parameters, template arguments and anonymous namespaces."""
    name = function.replace("(anonymous namespace)::", "").replace("'lambda'", "lambda")
    previous = ""
    while name != previous:
        previous, name = name, re.sub(r"<[^<>]*>|\([^()]*\)", "", name)
    name = re.sub(r"\s*(const|&|&&|\[abi:\w+\])+$", "", name.strip())
    return name.split(" ")[-1] if " " in name and not name.startswith("operator") else name


def stack_of(report: str) -> list[str]:
    """The functions of the first stack in a report, the innermost first."""
    stack: list[str] = []
    for line in report.splitlines():
        match = FRAME.match(line)
        if match:
            stack.append(plain_name(match["function"] or ""))
        elif stack:
            break
    return stack


def cause_frames(stack: list[str], outermost: bool) -> tuple[str, ...]:
    until_entry = stack[:stack.index(ENTRY)] if ENTRY in stack else stack
    telling = [name for name in until_entry if name and not COMMON.match(name)]
    return tuple(telling[-MAX_FRAMES:] if outermost else telling[:MAX_FRAMES])


def classify(report: str) -> tuple[str, str] | None:
    """The kind and the title of what `report` reports; nothing if it reports nothing."""
    def found(pattern: str) -> str | None:
        match = re.search(pattern, report, re.MULTILINE)
        return match[1].strip() if match else None

    if rule := found(r"^broken: (.*)$"):
        return "mismatch", rule
    if text := found(r"runtime error: (.*)$"):
        return "undefined", re.sub(r"0x[0-9a-f]+|-?\d+", "N", text)
    if found(r"(libFuzzer: timeout)"):
        return "hang", "an input takes too long"
    if found(r"(LeakSanitizer: detected memory leaks)"):
        return "leak", "memory is not given back"
    if found(r"(libFuzzer: out-of-memory|AddressSanitizer: (?:allocation-size-too-big|out-of-memory))"):
        return "memory", "too much memory is asked for"
    if text := found(r"Assertion [`'](.*)' failed"):
        return "crash", f"assertion: {text}"
    if text := found(r"^terminate called (.*)$"):
        return "crash", f"terminate called {text}"
    if text := found(r"ERROR: AddressSanitizer: ([\w-]+)"):
        return ("crash" if text in ("SEGV", "ABRT") else "memory"), text
    if found(r"(ERROR: libFuzzer: .*|SUMMARY: .*)$"):
        return "crash", found(r"ERROR: libFuzzer: ([\w -]+)") or "deadly signal"
    return None


def find_cause(report: str) -> Cause | None:
    """The cause that a target's output names; nothing if the target was content."""
    classified = classify(report)
    if not classified:
        return None
    kind, title = classified
    return Cause(kind, title, cause_frames(stack_of(report), outermost=kind == "hang"))


def raw_cause(report: str) -> tuple[str, ...] | None:
    """A cause of a report whose frames have no names: quick to make, and good within one program."""
    classified = classify(report)
    if not classified:
        return None
    if classified[0] == "hang":
        return classified  # where it is when the time is up is chance
    places = [match["place"] for line in report.splitlines() if (match := FRAME.match(line))]
    return (*classified, *places[:12])
