"""The plots are well-formed, show every point, and need nothing from outside."""

from __future__ import annotations

import sys
import unittest
import xml.etree.ElementTree as ET
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

import plot

SVG = "{http://www.w3.org/2000/svg}"


class PlotTest(unittest.TestCase):
    def draw(self, lines: dict[str, plot.Line]) -> ET.Element:
        return ET.fromstring(plot.draw_plot(lines))

    def labels(self, svg: ET.Element, lines: dict[str, plot.Line]) -> dict[str, float]:
        return {t.text: float(t.get("y")) for t in svg.iter(f"{SVG}text") if t.text in lines}

    def test_has_a_line_and_a_name_for_each_implementation(self) -> None:
        lines = {"wsproof": [(16, 1.0), (1024, 10.0)], "<peer>": [(16, 2.0), (1024, 3.0)]}
        svg = self.draw(lines)
        self.assertEqual(len(svg.findall(f"{SVG}polyline")), 2)
        self.assertEqual(len(svg.findall(f"{SVG}circle")), 4)
        self.assertEqual(self.labels(svg, lines).keys(), lines.keys())

    def test_puts_faster_higher_and_larger_to_the_right(self) -> None:
        svg = self.draw({"wsproof": [(16, 1.0), (1024, 10.0)]})
        first, last = ([float(c.get(a)) for a in ("cx", "cy")] for c in svg.iter(f"{SVG}circle"))
        self.assertLess(first[0], last[0])
        self.assertGreater(first[1], last[1])

    def test_stays_inside_its_box(self) -> None:
        svg = self.draw({str(i): [(16, 0.01 * 9**i), (4 << 20, 50.0)] for i in range(5)})
        for circle in svg.iter(f"{SVG}circle"):
            self.assertTrue(0 < float(circle.get("cx")) < plot.WIDTH)
            self.assertTrue(0 < float(circle.get("cy")) < plot.HEIGHT)

    def test_keeps_names_apart(self) -> None:
        lines = {str(i): [(16, 1.0 + i / 1000)] for i in range(5)}
        heights = sorted(self.labels(self.draw(lines), lines).values())
        self.assertTrue(all(b - a >= 15 for a, b in zip(heights, heights[1:])), heights)
        self.assertLess(heights[-1], plot.HEIGHT)

    def test_needs_nothing_from_outside_and_has_no_background(self) -> None:
        svg = plot.draw_plot({"wsproof": [(16, 1.0), (125, 2.0)]})
        for word in ("href", "<style", "<script", "<rect", "url("):
            self.assertNotIn(word, svg)


if __name__ == "__main__":
    unittest.main()
