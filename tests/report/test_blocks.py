"""Blocks as text and as Markdown that nothing in them can break out of."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from noonward.report.blocks import Heading, Items, Rows, Says, Table, escaped, to_markdown, to_text

BLOCKS = [
    Heading("a → b"),
    Says("It changes.", strong=True),
    Items(["one", "  below it"]),
    Rows("rows", ["+   1  off → on", "-   2  gone"]),
    Table(("", "old", "change"), [("import", "1.0 kWh", "+12.5 kWh"), ("starts", "3", "−1")]),
]


def test_text():
    assert to_text(BLOCKS).splitlines() == [
        "a → b",
        "-----",
        "",
        "It changes.",
        "",
        "  one",
        "    below it",
        "",
        "  rows:",
        "    +   1  off → on",
        "    -   2  gone",
        "",
        "              old     change",
        "  import  1.0 kWh  +12.5 kWh",
        "  starts        3         −1",
    ]


def test_markdown():
    assert to_markdown(BLOCKS, "noonward diff x").splitlines() == [
        "<!-- noonward diff x -->",
        "",
        "### a → b",
        "",
        "**It changes.**",
        "",
        "- one",
        "  - below it",
        "",
        "<details><summary>rows</summary>",
        "",
        "```diff",
        "+   1  off → on",
        "-   2  gone",
        "```",
        "",
        "</details>",
        "",
        "|  | old | change |",
        "| --- | ---: | ---: |",
        "| import | 1.0 kWh | +12.5 kWh |",
        "| starts | 3 | −1 |",
    ]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("low tariff", "low tariff"),
        ("28.4 kWh (+3)", "28.4 kWh (+3)"),
        ("a|b", "a\\|b"),
        ("`x` *y* _z_ ~w~", "\\`x\\` \\*y\\* \\_z\\_ \\~w\\~"),
        ("<img src=x>", "&lt;img src=x&gt;"),
        ("a & b", "a &amp; b"),
        ("[x](http://y)", "\\[x\\](http:<!-- -->//y)"),
        ("www.x.org", "www<!-- -->.x.org"),
        ("@anna, see #12", "@<!-- -->anna, see #<!-- -->12"),
        ("# heading", "\\# heading"),
        ("- item", "\\- item"),
        ("1. item", "1\\. item"),
        ("---", "\\---"),
        ("a\nb\r\n\x1b[31mc", "a b \\[31mc"),
        ("a\u202eb", "a b"),
        ("$x$ \\", "\\$x\\$ \\\\"),
    ],
)
def test_nothing_in_a_text_is_markup(text, expected):
    assert escaped(text) == expected


@pytest.mark.parametrize("mark", ["a --> <b> -->", "a\nb", "--", "x --!> y"])
def test_a_mark_ends_where_it_should(mark):
    first, second, *_ = to_markdown([Heading("h")], mark).split("\n")
    assert first.startswith("<!-- ")
    assert first.endswith(" -->")
    assert "--" not in first[4:-3]
    assert second == ""


@given(st.text(max_size=40), st.text(max_size=40))
def test_whatever_stands_in_a_table_it_has_two_cells_and_one_line(one, other):
    markdown = to_markdown([Table(("a", "b"), [(one, other)])], "m")
    head, rule, row = markdown.rstrip("\n").split("\n")[2:]
    cells = row.replace("\\\\", "").replace("\\|", "")
    assert (head, rule) == ("| a | b |", "| --- | ---: |")
    assert cells.count("|") == 3
    assert "<!--" not in row.replace("<!-- -->", "")


@given(st.lists(st.text(max_size=30), max_size=4))
def test_no_line_ends_the_fence_of_a_diff(lines):
    markdown = to_markdown([Rows("r", lines)], "m")
    assert markdown.count("```") == 2
