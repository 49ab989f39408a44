#!/usr/bin/env python3
"""Checks who includes whom: every #include of every source file against the table of layers.

    check_layers.py [ROOT]

Prints one line for each include that its folder may not have; exit status 1 if there is any.
"""

from __future__ import annotations

import re
import sys
from dataclasses import dataclass
from pathlib import Path

SOURCE_FOLDERS = ("impl", "conformance", "fuzz", "bench", "reports")
BUILT = "build"  # below an endpoint, what its own set-up makes
SOURCE_SUFFIXES = (".hpp", ".cpp", ".inl", ".h", ".cc")

VOCABULARY = tuple(
    f"impl/wire/{name}.hpp" for name in ("opcode", "role", "close_code", "extension"))

# The core has no I/O, no clock, no threads and no randomness of its own.
NOT_IN_CORE = frozenset({
    "chrono", "condition_variable", "ctime", "time.h", "fstream", "filesystem", "future", "iostream",
    "mutex", "random", "shared_mutex", "syncstream", "thread",
})

# Headers of the compiler, for what a processor has beyond the language.
PROCESSOR_HEADERS = frozenset({"arm_neon.h", "cpuid.h", "immintrin.h"})

# Headers of others by the start of their path. Any other header in <> with a "/" or ending in ".h"
# is the system's: sockets, files, signals.
LIBRARIES = {
    "boost/asio": "Boost.Asio",
    "boost/system": "Boost.Asio",
    "boost/intrusive": "Boost.Intrusive",
    "boost/": "Boost",
    "isa-l/": "ISA-L",
    "zlib.h": "zlib",
    "openssl/": "OpenSSL",
    "gtest/": "GoogleTest",
    "gmock/": "GoogleTest",
    "benchmark/": "Google Benchmark",
    "websocketpp/": "websocketpp",
    "nlohmann/": "nlohmann-json",
    "CLI/": "CLI11",
}
ANY_LIBRARY = frozenset(LIBRARIES.values()) | {"system"}


@dataclass(frozen=True)
class Layer:
    """What the files of one folder may include besides the folder itself and the standard library."""

    folder: str
    may_use: tuple[str, ...] = ()  # folders and files, from the root
    libraries: frozenset[str] = frozenset()
    is_core: bool = False


# The first layer whose folder a file lies in is the file's.
LAYERS = (
    Layer("impl/wire", is_core=True),
    Layer("impl/handshake", ("impl/wire",), is_core=True),
    Layer("impl/deflate", ("impl/wire",), frozenset({"ISA-L", "zlib"}), is_core=True),
    Layer("impl/connection", ("impl/wire", "impl/handshake", "impl/deflate"), is_core=True),
    Layer("impl/transport", ("impl",),
          frozenset({"Boost.Asio", "Boost.Intrusive", "OpenSSL", "system"})),
    Layer("impl/apps", ("impl",), frozenset({"Boost.Asio", "OpenSSL", "CLI11", "system"})),
    Layer("impl/testing/consumer", ("impl",), frozenset({"Boost.Asio"})),
    Layer("impl/testing", ("impl",), frozenset({"GoogleTest", "system"})),
    Layer("conformance/oracle", VOCABULARY),
    Layer("conformance/harness", ("conformance/oracle", *VOCABULARY),
          frozenset({"ISA-L", "nlohmann-json", "system", "zlib"})),
    Layer("conformance/cases", ("conformance/harness",)),
    Layer("conformance/explorer", ("conformance/oracle", "conformance/harness", *VOCABULARY),
          frozenset({"nlohmann-json"})),
    Layer("conformance", ("impl", "conformance"), ANY_LIBRARY),
    Layer("fuzz/peers", (), ANY_LIBRARY),
    Layer("fuzz", ("impl", "conformance/oracle"), frozenset({"Boost", "Boost.Asio", "zlib"})),
    Layer("bench", ("impl", "conformance/oracle"), ANY_LIBRARY),
)
TEST_MAY_USE = ("impl/testing", "conformance/oracle")

INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^>"]+)[>"]')


@dataclass(frozen=True)
class Include:
    line: int
    is_quoted: bool
    path: str


def read_includes(text: str) -> list[Include]:
    """The includes of one file; those in comments of several lines count too."""
    found = []
    for number, line in enumerate(text.splitlines(), start=1):
        match = INCLUDE.match(line)
        if match:
            found.append(Include(number, match[1] == '"', match[2]))
    return found


def is_inside(path: str, folder_or_file: str) -> bool:
    return path == folder_or_file or path.startswith(folder_or_file + "/")


def library_of(header: str) -> str | None:
    """The library of a header in <>; None for the standard library."""
    for start, library in LIBRARIES.items():
        if header.startswith(start):
            return library
    if header in PROCESSOR_HEADERS:
        return None
    return "system" if "/" in header or header.endswith(".h") else None


def find_layer(file: str) -> Layer | None:
    return next((layer for layer in LAYERS if is_inside(file, layer.folder)), None)


def is_test_file(file: str) -> bool:
    """Tests are *_test.cpp; test_*.hpp is what the tests of one folder share."""
    return file.endswith("_test.cpp") or Path(file).name.startswith("test_")


def check_include(file: str, include: Include) -> str | None:
    """What is wrong with one include of `file`, or None. Paths are from the root."""
    layer = find_layer(file)
    if layer is None:
        return "the folder is in no layer of check_layers.py"
    is_test = is_test_file(file)

    if include.is_quoted:
        if not include.path.startswith(tuple(f"{folder}/" for folder in SOURCE_FOLDERS)):
            return f'"{include.path}" is not written from the root of the repository'
        allowed = (layer.folder, *layer.may_use, *(TEST_MAY_USE if is_test else ()))
        if (is_inside(include.path, "impl/testing") or is_test_file(include.path)) and not (
                is_test or layer.folder == "impl/testing"):
            return f"{include.path} is for tests"
        if not any(is_inside(include.path, each) for each in allowed):
            return f"{layer.folder} may not use {include.path}"
        return None

    library = library_of(include.path)
    if layer.is_core and not is_test and include.path in NOT_IN_CORE:
        return f"the core may not use <{include.path}>"
    if library is None or library in layer.libraries or (is_test and library == "GoogleTest"):
        return None
    return f"{layer.folder} may not use <{include.path}> ({library})"


def check_tree(root: Path) -> list[str]:
    """Every wrong include below `root`, as FILE:LINE: text."""
    mistakes = []
    for folder in SOURCE_FOLDERS:
        for path in sorted((root / folder).rglob("*")):
            if path.suffix not in SOURCE_SUFFIXES or not path.is_file():
                continue
            if BUILT in path.relative_to(root).parts:
                continue
            file = path.relative_to(root).as_posix()
            for include in read_includes(path.read_text(encoding="utf-8")):
                mistake = check_include(file, include)
                if mistake is None and include.is_quoted and not (root / include.path).is_file():
                    mistake = f"{include.path} does not exist"
                if mistake:
                    mistakes.append(f"{file}:{include.line}: {mistake}")
    return mistakes


def main(arguments: list[str]) -> int:
    root = Path(arguments[0]) if arguments else Path(__file__).resolve().parents[2]
    mistakes = check_tree(root)
    for mistake in mistakes:
        print(mistake)
    return 1 if mistakes else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
