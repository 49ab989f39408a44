"""Writes the sources of the report's page as a C++ file.

Usage: embed_page.py PAGE_FOLDER OUTPUT.cpp
"""

import sys
from pathlib import Path

# In the order in which they build on each other.
SCRIPTS = ("dom.js", "bytes.js", "filters.js", "matrix.js", "case_panel.js",
           "statements.js", "parity.js", "report.js")


def literal(text: str) -> str:
    """Returns `text` as C++ string literals, in pieces that every compiler takes."""
    pieces = [text[i : i + 8000] for i in range(0, len(text), 8000)]
    return "\n".join(f'R"~~~({piece})~~~"' for piece in pieces)


def main(folder: Path, output: Path) -> None:
    values = {
        "kPage": (folder / "report.html").read_text(encoding="utf-8"),
        "kStyle": (folder / "report.css").read_text(encoding="utf-8"),
        "kScript": "\n".join((folder / name).read_text(encoding="utf-8") for name in SCRIPTS),
    }
    text = '#include "conformance/outputs/page.hpp"\n\nnamespace ws::conformance::page {\n\n'
    for name, value in values.items():
        text += f"const std::string_view {name} =\n{literal(value)};\n\n"
    output.write_text(text + "}  // namespace ws::conformance::page\n", encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
