"""Writes JSON files as C++ strings.

Usage: embed_json.py OUTPUT.cpp HEADER NAMESPACE NAME=FILE...
"""

import sys
from pathlib import Path

from embed_page import literal


def main(output: Path, header: str, namespace: str, files: list[str]) -> None:
    text = f'#include "{header}"\n\nnamespace {namespace} {{\n\n'
    for name, path in (entry.split("=", 1) for entry in files):
        text += f"const std::string_view {name} =\n{literal(Path(path).read_text('utf-8'))};\n\n"
    output.write_text(text + f"}}  // namespace {namespace}\n", encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2], sys.argv[3], sys.argv[4:])
