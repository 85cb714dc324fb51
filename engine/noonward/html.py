"""HTML that is escaped by construction: text becomes markup only through ``tag``."""

from __future__ import annotations

from html import escape
from typing import TypeAlias

VOID = frozenset({"input", "link", "meta"})


class Html(str):
    """Markup that is safe to send as it is."""

    __slots__ = ()


Child: TypeAlias = "Html | str | None"


def tag(name: str, /, *children: Child, **attributes: str | bool | None) -> Html:
    """Return an element; text is escaped, None is left out.

    Args:
        name: Of the element.
        children: Markup, text, or None.
        attributes: ``class_`` is "class", ``data_live`` "data-live"; None and False leave an attribute out, True writes
            its bare name.
    """
    head = "".join([name, *(_attribute(key, value) for key, value in attributes.items())])
    return Html(f"<{head}>") if name in VOID else Html(f"<{head}>{together(*children)}</{name}>")


def together(*children: Child) -> Html:
    """Return the children one after another."""
    return Html("".join(child if isinstance(child, Html) else escape(child) for child in children if child is not None))


def _attribute(key: str, value: str | bool | None) -> str:
    if value is None or value is False:
        return ""
    name = key.rstrip("_").replace("_", "-")
    return f" {name}" if value is True else f' {name}="{escape(value)}"'
