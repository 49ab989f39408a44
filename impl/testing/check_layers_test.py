"""Tests of check_layers.py."""

from __future__ import annotations

import tempfile
import unittest
from pathlib import Path

import check_layers


def mistake(file: str, line: str) -> str | None:
    includes = check_layers.read_includes(line)
    assert len(includes) == 1, line
    return check_layers.check_include(file, includes[0])


class CheckIncludeTest(unittest.TestCase):
    def test_allows_what_the_table_allows(self) -> None:
        for file, line in (
            ("impl/wire/masking.cpp", '#include "impl/wire/masking.hpp"'),
            ("impl/wire/masking.cpp", "#include <cstdint>"),
            ("impl/handshake/a.cpp", '#include "impl/wire/extension.hpp"'),
            ("impl/deflate/a.cpp", "#include <zlib.h>"),
            ("impl/deflate/a.cpp", "#include <isa-l/igzip_lib.h>"),
            ("impl/connection/a.hpp", '  #  include "impl/deflate/negotiation.hpp"'),
            ("impl/transport/a.cpp", "#include <boost/asio/ip/tcp.hpp>"),
            ("impl/transport/a.cpp", "#include <chrono>"),
            ("impl/apps/a.cpp", '#include "impl/transport/session.hpp"'),
            ("impl/wire/masking_test.cpp", '#include "impl/testing/bytes.hpp"'),
            ("impl/wire/masking_test.cpp", '#include "conformance/oracle/reference.hpp"'),
            ("impl/wire/masking_test.cpp", "#include <gtest/gtest.h>"),
            ("impl/wire/masking_test.cpp", "#include <random>"),
            ("impl/wire/masking_test.cpp", '#include "impl/wire/test_keys.hpp"'),
            ("impl/wire/test_keys.hpp", '#include "impl/testing/bytes.hpp"'),
            ("impl/testing/consumer/a.cpp", "#include <boost/asio/io_context.hpp>"),
            ("conformance/oracle/a.cpp", '#include "impl/wire/opcode.hpp"'),
            ("conformance/harness/a.cpp", '#include "conformance/oracle/raw_frame.hpp"'),
            ("conformance/cases/a.cpp", '#include "conformance/harness/case.hpp"'),
            ("conformance/endpoints/a.cpp", "#include <boost/beast/websocket.hpp>"),
            ("fuzz/targets/a.cpp", '#include "conformance/oracle/reference.hpp"'),
            ("fuzz/targets/a.cpp", "#include <boost/beast/http.hpp>"),
            ("bench/a.cpp", "#include <websocketpp/server.hpp>"),
        ):
            with self.subTest(file=file, line=line):
                self.assertIsNone(mistake(file, line))

    def test_refuses_what_the_table_does_not_allow(self) -> None:
        for file, line in (
            ("impl/wire/masking.cpp", '#include "impl/handshake/http_head.hpp"'),
            ("impl/wire/masking.cpp", "#include <zlib.h>"),
            ("impl/wire/masking.cpp", "#include <isa-l/igzip_lib.h>"),
            ("impl/wire/masking.cpp", "#include <boost/asio.hpp>"),
            ("impl/wire/masking.cpp", "#include <chrono>"),
            ("impl/wire/masking.cpp", "#include <sys/socket.h>"),
            ("impl/wire/masking.cpp", '#include "masking.hpp"'),
            ("impl/wire/masking.cpp", '#include "impl/testing/bytes.hpp"'),
            ("impl/wire/masking.cpp", '#include "impl/wire/test_keys.hpp"'),
            ("impl/wire/masking.cpp", '#include "conformance/oracle/reference.hpp"'),
            ("impl/handshake/a.cpp", '#include "impl/deflate/negotiation.hpp"'),
            ("impl/connection/a.cpp", "#include <random>"),
            ("impl/connection/a.cpp", '#include "impl/transport/session.hpp"'),
            ("impl/transport/a.cpp", '#include "impl/testing/bytes.hpp"'),
            ("impl/transport/a.cpp", "#include <boost/beast.hpp>"),
            ("impl/wire/masking_test.cpp", '#include "impl/handshake/http_head.hpp"'),
            ("impl/wiretap/a.cpp", "#include <vector>"),
            ("conformance/oracle/a.cpp", '#include "impl/wire/utf8.hpp"'),
            ("conformance/oracle/a.cpp", "#include <zlib.h>"),
            ("conformance/harness/a.cpp", '#include "impl/connection/connection.hpp"'),
            ("conformance/cases/a.cpp", '#include "conformance/endpoints/socket.hpp"'),
            ("conformance/endpoints/a.cpp", '#include "fuzz/fuzz_input.hpp"'),
            ("impl/apps/a.cpp", '#include "bench/a.hpp"'),
            ("fuzz/targets/a.cpp", '#include "impl/testing/bytes.hpp"'),
            ("reports/a.cpp", "#include <vector>"),
        ):
            with self.subTest(file=file, line=line):
                self.assertIsNotNone(mistake(file, line))


class CheckTreeTest(unittest.TestCase):
    def check(self, files: dict[str, str]) -> list[str]:
        with tempfile.TemporaryDirectory() as directory:
            root = Path(directory)
            for name, text in files.items():
                path = root / name
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(text, encoding="utf-8")
            return check_layers.check_tree(root)

    def test_names_file_and_line(self) -> None:
        self.assertEqual(
            self.check({"impl/wire/a.cpp": "// A.\n#include <vector>\n#include <thread>\n"}),
            ["impl/wire/a.cpp:3: the core may not use <thread>"])

    def test_notices_a_header_that_does_not_exist(self) -> None:
        self.assertEqual(
            self.check({"impl/wire/a.cpp": '#include "impl/wire/b.hpp"\n'}),
            ["impl/wire/a.cpp:1: impl/wire/b.hpp does not exist"])

    def test_looks_at_sources_only(self) -> None:
        self.assertEqual(self.check({"impl/wire/README.md": "#include <thread>\n"}), [])


if __name__ == "__main__":
    unittest.main()
