"""``noonward.policy.problems``."""

from __future__ import annotations

import json

import pytest

from noonward.policy.problems import Problem, Span, fails, in_order, to_json, to_text, without_ignored


def problem(**changes):
    given = {
        "code": "S104",
        "severity": "error",
        "message": 'unknown key "min_onn" in load',
        "file": "policies/boiler.yaml",
        "span": Span(7, 3, 7, 10),
        "hint": 'did you mean "min_on"?',
        "source": "  min_onn: 20 min",
    }
    return Problem(**(given | changes))


def test_text_shows_the_line_a_caret_and_the_way_out():
    assert to_text([problem()]) == (
        'policies/boiler.yaml:7:3: error[S104]: unknown key "min_onn" in load\n'
        "  7 |   min_onn: 20 min\n"
        '    |   ^^^^^^^ did you mean "min_on"?'
    )


@pytest.mark.parametrize(
    ("changes", "text"),
    [
        ({"hint": None}, 'policies/boiler.yaml:7:3: error[S104]: unknown key "min_onn" in load\n  7 |   min_onn: 20 min\n    |   ^^^^^^^'),
        ({"span": None, "source": ""}, 'policies/boiler.yaml: error[S104]: unknown key "min_onn" in load\n  did you mean "min_on"?'),
        ({"span": None, "source": "", "hint": None}, 'policies/boiler.yaml: error[S104]: unknown key "min_onn" in load'),
        ({"span": Span(12, 3, 14, 1)}, 'policies/boiler.yaml:12:3: error[S104]: unknown key "min_onn" in load\n  12 |   min_onn: 20 min\n     |   ^^^^^^^^^^^^^^^ did you mean "min_on"?'),
        ({"source": "\tmin: 漢字 x", "span": Span(7, 7, 7, 9), "hint": None}, 'policies/boiler.yaml:7:7: error[S104]: unknown key "min_onn" in load\n  7 |  min: 漢字 x\n    |       ^^^^'),
        ({"source": "a: \x1b[31mred", "span": Span(7, 4, 7, 4), "hint": None}, 'policies/boiler.yaml:7:4: error[S104]: unknown key "min_onn" in load\n  7 | a: �[31mred\n    |    ^'),
    ],
    ids=["no hint", "no place", "nothing but the message", "over several lines", "wide letters and a tab", "an escape code"],
)  # fmt: skip
def test_text_in_other_shapes(changes, text):
    assert to_text([problem(**changes)]) == text


def test_a_long_line_is_cut_around_the_caret():
    source = "x" * 300 + "HERE" + "y" * 300
    _, shown, caret = to_text([problem(source=source, span=Span(1, 301, 1, 305), hint=None)]).splitlines()
    assert len(shown) < 120
    assert shown[caret.index("^") : caret.index("^") + 4] == "HERE"
    assert shown.count("…") == 2


def test_json_says_everything():
    (record,) = json.loads(to_json([problem(safety=True)]))
    assert record == {
        "file": "policies/boiler.yaml", "line": 7, "column": 3, "end_line": 7, "end_column": 10, "severity": "error",
        "code": "S104", "message": 'unknown key "min_onn" in load', "hint": 'did you mean "min_on"?', "safety": True,
    }  # fmt: skip
    assert json.loads(to_json([])) == []
    assert json.loads(to_json([problem(span=None)]))[0]["line"] is None


def test_problems_are_sorted_by_place_and_told_once():
    first, second, third = problem(file="a.yaml"), problem(span=Span(2, 1, 2, 2)), problem(span=Span(2, 5, 2, 6))
    whole = problem(span=None)
    assert in_order([third, second, first, third, whole]) == (first, whole, second, third)


@pytest.mark.parametrize(
    ("severity", "safety", "failing"),
    [
        ("error", False, {"basic", "safe", "strict"}),
        ("warning", True, {"safe", "strict"}),
        ("warning", False, {"strict"}),
        ("info", True, set()),
    ],
)
def test_profiles(severity, safety, failing):
    found = problem(severity=severity, safety=safety)
    assert {profile for profile in ("basic", "safe", "strict") if fails(found, profile)} == failing


def ignored(text, *problems):
    left = without_ignored(problems, {"x.yaml": text})
    return [(p.code, p.message) for p in left]


def warning(line, code="W204", severity="warning"):
    return problem(code=code, severity=severity, file="x.yaml", span=Span(line, 1, line, 2), message="m")


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("a: 1  # noonward: ignore W204 we know", 1),
        ("# noonward: ignore W204 we know\na: 1", 2),
        ("# noonward: ignore W204 we know\n# more\n\na: 1", 4),
        ("a: 1  # noonward:ignore W204,W205 we know", 1),
        ("a: 1  # noonward: ignore W205, W204 we know", 1),
    ],
)
def test_an_ignore_takes_back_what_stands_on_its_line(text, line):
    assert ("W204", "m") not in ignored(text, warning(line), warning(line, "W205"))


@pytest.mark.parametrize(
    ("text", "found", "left"),
    [
        ("a: 1\nb: 1  # noonward: ignore W204 we know", [warning(1)], [("W204", "m"), ("Y012", "there is no W204 to ignore on line 2")]),
        ("a: 1  # noonward: ignore W204", [warning(1)], [("W204", "m"), ("Y012", "an ignore needs a code and a reason")]),
        ("a: 1  # noonward: ignore because", [warning(1)], [("W204", "m"), ("Y012", "an ignore needs a code and a reason")]),
        ("a: 1  # noonward: ignore W204 we know", [warning(1, severity="error")], [("W204", "m"), ("Y012", "W204 is an error here and cannot be ignored")]),
        ("a: 1  # noonward: ignore W204 we know", [warning(1, severity="info")], []),
        ("a: 1  # nothing", [warning(1)], [("W204", "m")]),
    ],
    ids=["another line", "no reason", "no code", "an error", "an info", "no ignore"],
)  # fmt: skip
def test_an_ignore_is_held_to_its_word(text, found, left):
    assert ignored(text, *found) == left
