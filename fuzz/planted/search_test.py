"""Tests of plant.py and search.py, with programs that behave like targets."""

from __future__ import annotations

import contextlib
import io
import json
import tempfile
import unittest
from pathlib import Path
from unittest import mock

from fuzz_targets import FUZZ
from night.fake_target import write_fake
from planted import plant, search


class PlantTest(unittest.TestCase):
    def test_each_fault_fits_the_sources_and_areas_have_several(self) -> None:
        areas: dict[str, int] = {}
        for fault in plant.load():
            with self.subTest(fault["id"]):
                text = (FUZZ.parent / fault["file"]).read_text()
                self.assertNotEqual(plant.plant(text, fault["old"], fault["new"]), text)
                self.assertTrue((FUZZ / "targets" / f"{fault['target']}_fuzz.cpp").is_file())
            areas[fault["area"]] = areas.get(fault["area"], 0) + 1
        self.assertEqual(set(areas), {"decoder", "UTF-8", "masking", "handshake", "negotiation",
                                      "inflation", "connection"})
        self.assertGreaterEqual(min(areas.values()), 3)

    def test_refuses_text_that_is_not_there_once(self) -> None:
        for text in ("", "aXbX"):
            with self.subTest(text=text), self.assertRaises(ValueError):
                plant.plant(text, "X", "Y")

    def test_writes_the_copy_and_what_is_built_with_it(self) -> None:
        with tempfile.TemporaryDirectory() as folder:
            arguments = ["decoder_top_bit", str(FUZZ.parent), folder]
            self.assertEqual(plant.main(arguments), 0)
            written = Path(folder) / "impl" / "wire"
            self.assertNotIn("length >> 63U", (written / "frame_decoder.hpp").read_text())
            self.assertTrue((written / "frame_decoder.cpp").is_file())


class PlantedTest(unittest.TestCase):
    def setUp(self) -> None:
        directory = tempfile.TemporaryDirectory()
        self.addCleanup(directory.cleanup)
        self.root = Path(directory.name)
        for name, value in (("LIMIT", 2.0), ("WALL_FACTOR", 1),
                            ("load", lambda: [{"id": "x", "area": "decoder", "target": "utf8",
                                               "fault": "is wrong"}])):
            patch = mock.patch.object(search, name, value)
            patch.start()
            self.addCleanup(patch.stop)

    def run_main(self, each: str) -> tuple[int, dict[str, object]]:
        write_fake(self.root / "build" / "planted" / "planted_x", each=each)
        with contextlib.redirect_stdout(io.StringIO()):
            status = search.main(["--build-dir", str(self.root / "build")])
        content = json.loads((self.root / "fuzz-out" / "planted.json").read_text())
        return status, content["faults"][0]

    def test_a_fault_that_is_found_has_a_time(self) -> None:
        status, fault = self.run_main("run(b'needle')")
        self.assertEqual((status, fault["cause"]), (0, "mismatch: no needle"))
        self.assertIsInstance(fault["seconds"], float)

    def test_a_fault_that_is_not_found_fails(self) -> None:
        status, fault = self.run_main("pass")
        self.assertEqual((status, fault["seconds"]), (1, None))

    def test_a_program_that_does_not_run_has_found_nothing(self) -> None:
        status, fault = self.run_main("sys.exit('no such library')")
        self.assertEqual((status, fault["cause"]), (1, "nothing (status 1)"))


if __name__ == "__main__":
    unittest.main()
