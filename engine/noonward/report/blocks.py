"""Headings, tables and lists that are written once and read in a terminal, as Markdown or in a page."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from noonward.html import Html, tag

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence


class Heading(NamedTuple):
    """A heading."""

    text: str


class Says(NamedTuple):
    """A sentence; the first of an answer is its gist."""

    text: str
    strong: bool = False


class Items(NamedTuple):
    """A list; an item that begins with two blanks belongs to the one before."""

    lines: Sequence[str]


class Rows(NamedTuple):
    """Lines of a diff, each with its sign, folded away where there is a way to."""

    title: str
    lines: Sequence[str]


class Table(NamedTuple):
    """A table.

    Attributes:
        head: Its headings.
        rows: Cells in words.
        left: How many of the first columns are words, and so stand left.
    """

    head: Sequence[str]
    rows: Sequence[Sequence[str]]
    left: int = 1


Block: TypeAlias = Heading | Says | Items | Rows | Table


def to_text(blocks: Iterable[Block]) -> str:
    """Return blocks for a terminal."""
    return "\n\n".join("\n".join(_text(block)) for block in blocks)


def _text(block: Block) -> list[str]:
    match block:
        case Heading(text):
            return [text, "-" * len(text)]
        case Says(text):
            return [text]
        case Items(lines):
            return [f"  {line}" for line in lines]
        case Rows(title, lines):
            return [f"  {title}:", *(f"    {line}" for line in lines)]
        case Table(head, rows, left):
            both = [head, *rows]
            widths = [max(len(row[k]) for row in both) for k in range(len(head))]
            return [
                "  "
                + "  ".join(
                    cell.ljust(width) if k < left else cell.rjust(width)
                    for k, (cell, width) in enumerate(zip(row, widths, strict=True))
                ).rstrip()
                for row in both
            ]


def to_markdown(blocks: Iterable[Block], mark: str) -> str:
    """Return blocks as Markdown for a comment.

    Args:
        blocks: What it says; every text is taken literally, whatever stands in it.
        mark: Hidden in the first line, so that the comment is found again and replaced.
    """
    hidden = re.sub(r"[<>\n\r]|--", " ", mark)
    return f"<!-- {hidden} -->\n\n" + "\n\n".join("\n".join(_markdown(block)) for block in blocks) + "\n"


def _markdown(block: Block) -> list[str]:
    match block:
        case Heading(text):
            return [f"### {escaped(text)}"]
        case Says(text, strong):
            return [f"**{escaped(text)}**" if strong else escaped(text)]
        case Items(lines):
            return [f"{'  ' if line.startswith('  ') else ''}- {escaped(line.strip())}" for line in lines]
        case Rows(title, lines):
            body = [line.replace("`", "'") for line in lines]
            return [f"<details><summary>{escaped(title)}</summary>", "", "```diff", *body, "```", "", "</details>"]
        case Table(head, rows, left):
            rule = ["---" if k < left else "---:" for k in range(len(head))]
            cells = ([escaped(cell) for cell in row] for row in (head, *rows))
            written = [f"| {' | '.join(row)} |" for row in cells]
            return [written[0], f"| {' | '.join(rule)} |", *written[1:]]


def to_html(blocks: Iterable[Block]) -> list[Html]:
    """Return blocks as sections of a page, one for each heading."""
    sections: list[list[Html]] = [[]]
    for block in blocks:
        if isinstance(block, Heading):
            sections.append([])
        sections[-1].append(_html(block))
    return [tag("section", *parts) for parts in sections if parts]


def _html(block: Block) -> Html:
    match block:
        case Heading(text):
            return tag("h2", text)
        case Says(text, strong):
            return tag("p", tag("strong", text) if strong else text)
        case Items(lines):
            lasting = [(line.startswith("  "), line.strip()) for line in lines]
            return tag("ul", *(tag("li", line, class_="below" if below else None) for below, line in lasting))
        case Rows(title, lines):
            return tag("details", tag("summary", title), tag("pre", "\n".join(lines)))
        case Table(head, rows, left):
            return table(head, rows, left)


def table(head: Sequence[str], rows: Iterable[Sequence[str]], left: int = 1) -> Html:
    """Return a table that can be scrolled sideways where the screen is narrow; its first column names the rows."""
    classes = ["words" if k < left else None for k in range(len(head))]
    named = zip(head, classes, strict=True)
    heads = tag("tr", *(tag("th", name, scope="col", class_=k) if name else tag("td") for name, k in named))
    body = [
        tag("tr", tag("th", row[0], scope="row"),
            *(tag("td", cell, class_=k) for cell, k in zip(row[1:], classes[1:], strict=True)))
        for row in rows
    ]  # fmt: skip
    whole = tag("table", tag("thead", heads), tag("tbody", *body))
    return tag("div", whole, class_="wide", tabindex="0", role="region", aria_label=f"Table of {head[0] or head[1]}")


_MARKUP = re.compile(r"([\\`*_{}\[\]|~$]|^[#+=-](?=[\s#=-])|(?<=^\d)[.)](?=\s))")
_TAGS = {"&": "&amp;", "<": "&lt;", ">": "&gt;"}
_LINKS = re.compile(r"(@|#(?=\d)|:(?=//)|www(?=\.))")
"""What forges make a mention, a reference or a link of after they have read the Markdown; a comment keeps it apart."""

_UNSEEN = re.compile(r"[\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2066-\u2069]+")


def escaped(text: str) -> str:
    """Return a text in which nothing is markup: no emphasis, link, cell, tag, mention or line break."""
    plain = _MARKUP.sub(r"\\\1", _UNSEEN.sub(" ", text).strip())
    plain = "".join(_TAGS.get(c, c) for c in plain)
    return _LINKS.sub(r"\1<!-- -->", plain)
