from xml.etree import ElementTree as ET

from noonward.report import svg


def test_text_of_others_is_escaped():
    drawn = svg.tag("g", svg.text('<script>"&', 1.0, 2.0, "k") + svg.title("a<b"), id='"x"')
    assert ET.fromstring(drawn).findtext("text") == '<script>"&'  # noqa: S314 - our own file
    assert "<script>" not in drawn


def test_attributes_and_numbers():
    assert svg.tag("rect", x=1.25, class_="b", stroke_width=2.0) == '<rect x="1.2" class="b" stroke-width="2"/>'


def test_a_step_line_says_level_stretches_once():
    assert svg.steps([0, 10, 20, 30], [5, 5, 8]) == "M0 5H20V8H30"
    assert svg.steps([0, 10], [5]) == "M0 5H10"


def test_an_area_goes_there_and_back():
    assert svg.area([0, 10, 20], [1, 3], [9, 8]) == "M0 1H10V3H20V8H10V9H0Z"
