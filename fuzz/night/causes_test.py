"""Tests of causes.py, with reports as Clang 19's runtime writes them."""

from __future__ import annotations

import unittest

from night.causes import Cause, find_cause, plain_name, raw_cause

MISMATCH = """Running: /tmp/crash
broken: a text is complete if it is valid
==9== ERROR: libFuzzer: deadly signal
    #0 0x5581 in __sanitizer_print_stack_trace (/b/utf8_fuzz+0x1)
    #1 0x5582 in fuzzer::PrintStackTrace() (/b/utf8_fuzz+0x2) (BuildId: 0b1c)
    #2 0x5583 in raise (/lib/libc.so.6+0x3)
    #3 0x5584 in ws::fuzz::require(bool, char const*) /r/fuzz/fuzz_input.hpp:23:3
    #4 0x5585 in ws::fuzz::(anonymous namespace)::check(std::span<std::byte const, 18ul>) /r/fuzz/t.cpp:7:5
    #5 0x5586 in LLVMFuzzerTestOneInput /r/fuzz/t.cpp:29:7
    #6 0x5587 in fuzzer::Fuzzer::ExecuteCallback(unsigned char const*, unsigned long) (/b/utf8_fuzz+0x4)

SUMMARY: libFuzzer: deadly signal
"""
OVERFLOW = """==7==ERROR: AddressSanitizer: heap-buffer-overflow on address 0x5020 at pc 0x55 bp 0x7f sp 0x7f
READ of size {size} at 0x5020 thread T0
    #0 0x5590 in __asan_memcpy (/b/m_fuzz+0x1)
    #1 0x5591 in ws::apply_mask(std::span<std::byte>, std::array<std::byte, 4ul> const&) /r/masking.cpp:{line}:3
    #2 0x5592 in LLVMFuzzerTestOneInput /r/m.cpp:9:7

0x5020 is located 0 bytes after 4-byte region
    #0 0x5593 in operator new(unsigned long) (/b/m_fuzz+0x1)
SUMMARY: AddressSanitizer: heap-buffer-overflow
"""
HANG = """ALARM: working on the last Unit for 11 seconds
==5== ERROR: libFuzzer: timeout after 11 seconds
    #0 0x51 in __sanitizer_print_stack_trace (/b/f+0x1)
    #1 0x52 in {inner} /r/a.cpp:1:1
    #2 0x53 in ws::inflate() /r/b.cpp:1:1
    #3 0x54 in ws::fuzz::check() /r/c.cpp:1:1
    #4 0x55 in ws::fuzz::run() /r/c.cpp:1:1
    #5 0x56 in LLVMFuzzerTestOneInput /r/c.cpp:9:9
SUMMARY: libFuzzer: timeout
"""


class FindCauseTest(unittest.TestCase):
    def test_a_mismatch_is_its_rule_and_who_checked(self) -> None:
        self.assertEqual(find_cause(MISMATCH), Cause("mismatch", "a text is complete if it is valid",
                                                     ("ws::fuzz::check",)))

    def test_a_memory_error_is_where_it_happened_whatever_the_sizes_and_lines(self) -> None:
        cause = find_cause(OVERFLOW.format(size=4, line=12))
        self.assertEqual(cause, Cause("memory", "heap-buffer-overflow", ("ws::apply_mask",)))
        self.assertEqual(cause, find_cause(OVERFLOW.format(size=8, line=13)))

    def test_a_hang_is_where_it_began(self) -> None:
        cause = find_cause(HANG.format(inner="ws::read_bit()"))
        assert cause is not None
        self.assertEqual((cause.kind, cause.frames),
                         ("hang", ("ws::inflate", "ws::fuzz::check", "ws::fuzz::run")))
        self.assertEqual(cause, find_cause(HANG.format(inner="ws::read_code()")))

    def test_tells_kinds_apart(self) -> None:
        for report, kind, title in (
                ("a.cpp:3:4: runtime error: shift exponent 64 is too large", "undefined",
                 "shift exponent N is too large"),
                ("==1==ERROR: LeakSanitizer: detected memory leaks", "leak",
                 "memory is not given back"),
                ("==1== ERROR: libFuzzer: out-of-memory (malloc(4294967296))", "memory",
                 "too much memory is asked for"),
                ("f: a.cpp:3: int f(): Assertion `a == b' failed.", "crash", "assertion: a == b"),
                ("==1==ERROR: AddressSanitizer: SEGV on unknown address 0x0", "crash", "SEGV"),
                ("terminate called after throwing an instance of 'std::bad_alloc'", "crash",
                 "terminate called after throwing an instance of 'std::bad_alloc'")):
            with self.subTest(report=report):
                cause = find_cause(report)
                assert cause is not None
                self.assertEqual((cause.kind, cause.title), (kind, title))

    def test_a_content_target_has_no_cause(self) -> None:
        self.assertIsNone(find_cause("Running: a\nExecuted a in 0 ms\n"))
        self.assertIsNone(raw_cause("Executed a in 0 ms\n"))

    def test_an_id_is_a_readable_name_for_a_folder(self) -> None:
        name = Cause("mismatch", "a/../b: \x00 <script>" + "long" * 99).id()
        self.assertRegex(name, r"^mismatch-a-b-script-longlong[a-z-]*-[0-9a-f]{8}$")
        self.assertNotEqual(name, Cause("mismatch", "a", ("f",)).id())

    def test_names_are_without_what_varies(self) -> None:
        for name, plain in (
                ("void ws::f<int, std::span<char> >(int)::{lambda(int)#1}::operator()(int) const",
                 "ws::f::{lambda#1}::operator"),
                ("ws::(anonymous namespace)::Reader::next(std::byte) &", "ws::Reader::next"),
                ("bool ws::check<2ul>(unsigned long)", "ws::check")):
            with self.subTest(name=name):
                self.assertEqual(plain_name(name), plain)

    def test_a_raw_cause_is_made_of_places(self) -> None:
        report = ("broken: x\n    #0 0x1  (/b/f+0x10) (BuildId: ab)\n    #1 0x2  (/b/f+0x20)\n")
        self.assertEqual(raw_cause(report), ("mismatch", "x", "(/b/f+0x10)", "(/b/f+0x20)"))


if __name__ == "__main__":
    unittest.main()
