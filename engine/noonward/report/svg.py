"""The few SVG elements a plot is made of, as text. Everything a file says is escaped here."""

from __future__ import annotations

from typing import TYPE_CHECKING
from xml.sax.saxutils import escape, quoteattr

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence


def tag(name: str, inner: str = "", **attributes: str | float) -> str:
    """Return an element; ``class_`` is written ``class``, ``stroke_width`` becomes ``stroke-width``."""
    written = "".join(
        f" {key.rstrip('_').replace('_', '-')}={quoteattr(_text(value))}" for key, value in attributes.items()
    )
    return f"<{name}{written}>{inner}</{name}>" if inner else f"<{name}{written}/>"


def text(content: str, x: float, y: float, class_: str, anchor: str = "start") -> str:
    """Return a line of text."""
    return tag("text", escape(content), x=x, y=y, class_=class_, text_anchor=anchor)


def title(content: str) -> str:
    """Return what a reader of the plot sees when pointing at an element."""
    return tag("title", escape(content))


def steps(xs: Sequence[float], ys: Sequence[float]) -> str:
    """Return path data of a step line: ``ys[i]`` holds from ``xs[i]`` to ``xs[i + 1]``."""
    return f"M{_number(xs[0])} {_number(ys[0])}{_walk(xs, ys)}"


def area(xs: Sequence[float], tops: Sequence[float], bottoms: Sequence[float]) -> str:
    """Return path data of the area between two step lines."""
    back = _walk(xs[::-1], bottoms[::-1])
    return f"{steps(xs, tops)}V{_number(bottoms[-1])}{back}Z"


def _walk(xs: Sequence[float], ys: Sequence[float]) -> str:
    """Return the strokes of a step line from its first point on; what lies level is one stroke."""
    levels = [_number(y) for y in ys]
    strokes = []
    for x, level, after in zip(xs[1:], levels, [*levels[1:], None], strict=True):
        if after != level:
            strokes.append(f"H{_number(x)}" if after is None else f"H{_number(x)}V{after}")
    return "".join(strokes)


def document(width: float, height: float, style: str, label: str, parts: Iterable[str]) -> str:
    """Return a whole file, with its style and a name for who cannot see it."""
    inner = "".join((title(label), tag("style", escape(style)), *parts))
    box = f"0 0 {_number(width)} {_number(height)}"
    return (
        tag("svg", inner, xmlns="http://www.w3.org/2000/svg", viewBox=box, width=width, height=height, role="img")
        + "\n"
    )


def _text(value: str | float) -> str:
    return value if isinstance(value, str) else _number(value)


def _number(value: float) -> str:
    """Write a coordinate to a tenth of a pixel."""
    return f"{value:.1f}".removesuffix(".0")
