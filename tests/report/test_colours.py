"""Colours that stand on each other can be told apart, by those who see fewer colours too."""

import itertools
import re
from importlib.resources import files

import pytest

SEEN_BY = {
    "everybody": ((1, 0, 0), (0, 1, 0), (0, 0, 1)),
    "protanopes": ((0.1523, 1.0526, -0.2049), (0.1145, 0.7863, 0.0992), (-0.0039, -0.0481, 1.0520)),
    "deuteranopes": ((0.3673, 0.8606, -0.2280), (0.2801, 0.6725, 0.0474), (-0.0118, 0.0429, 0.9689)),
    "tritanopes": ((1.2555, -0.0767, -0.1788), (-0.0784, 0.9308, 0.1476), (0.0047, 0.6914, 0.3039)),
}
"""What is left of linear red, green and blue. Machado, Oliveira and Fernandes, IEEE TVCG 15 (2009), severity 1."""

LIGHT, DARK = (files("noonward.report") / "static/report.css").read_text().split("@media (prefers-color-scheme: dark)")
SCHEMES = {
    "light": dict(re.findall(r"--([\w-]+): (#\w{6})", LIGHT)),
    "dark": dict(re.findall(r"--([\w-]+): (#\w{6})", DARK)),
}
TOGETHER = {
    "stack": ("base", "c0", "c1", "c2", "c3", "c4", "c5", "battery"),
    "grid": ("import", "export", "battery"),
    "change": ("less", "even", "more"),
}


def linear(value):
    share = int(value, 16) / 255
    return share / 12.92 if share <= 0.04045 else ((share + 0.055) / 1.055) ** 2.4


def lab(colour, eyes):
    rgb = [linear(colour[k : k + 2]) for k in (1, 3, 5)]
    r, g, b = (min(max(sum(a * c for a, c in zip(row, rgb, strict=True)), 0.0), 1.0) for row in SEEN_BY[eyes])
    xyz = (
        (0.4124 * r + 0.3576 * g + 0.1805 * b) / 0.9505,
        0.2126 * r + 0.7152 * g + 0.0722 * b,
        (0.0193 * r + 0.1192 * g + 0.9505 * b) / 1.0888,
    )
    x, y, z = (t ** (1 / 3) if t > 0.008856 else 7.787 * t + 16 / 116 for t in xyz)
    return 116 * y - 16, 500 * (x - y), 200 * (y - z)


def apart(one, other, eyes):
    return sum((a - b) ** 2 for a, b in zip(lab(one, eyes), lab(other, eyes), strict=True)) ** 0.5


@pytest.mark.parametrize("eyes", SEEN_BY)
@pytest.mark.parametrize("scheme", SCHEMES)
def test_what_stands_together_can_be_told_apart(scheme, eyes):
    colours = SCHEMES[scheme]
    for names in TOGETHER.values():
        for a, b in itertools.combinations(names, 2):
            assert apart(colours[a], colours[b], eyes) > 12, (a, b)


def test_the_measure_knows_what_deuteranopes_mistake():
    blue, violet = "#0072b2", "#6a51a3"
    assert apart(blue, violet, "deuteranopes") < 6
    assert apart(blue, violet, "everybody") > 20
