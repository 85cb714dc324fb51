"""Writes docs/reference/reasons.md from the sentences that the program itself uses."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

from noonward.policy.language import Language
from noonward.policy.sentences import placeholders
from noonward.policy.words import words

if TYPE_CHECKING:
    from noonward.core.model import ReasonCode

PAGE = Path(__file__).parents[1] / "reference" / "reasons.md"
NAMES = {Language.DE: "Deutsch", Language.FR: "Français", Language.IT: "Italiano"}
HEAD = """\
# Reasons

Every decision says why, as a stable code with the numbers that were compared. People read a sentence made from just
those, in their own language; tools read the code and the facts ([HTTP API](http-api.md)). Of several sentences the
first is used whose *facts* the decision has.

This page is written by `python docs/generate/reasons.py` from the program's own tables
(`engine/noonward/policy/words/`, a file per language).
"""


def page() -> str:
    """Return the page."""
    return "\n".join([HEAD, *(_section(code) for code in words(Language.EN).sentences)])


def _section(code: ReasonCode) -> str:
    english = words(Language.EN)
    told_of = (*english.sentences[code], *english.scarce.get(code, ()))
    facts = sorted(set().union(*(placeholders(template) for template in told_of)))
    told = [f"Facts: {', '.join(f'`{name}`' for name in facts)}.", ""] if facts else []
    folded = [
        line for one, name in NAMES.items() for line in (f"<p><b>{name}</b></p><ul>", *_items(code, one), "</ul>")
    ]
    return "\n".join(
        [
            f"## `{code.value}`",
            "",
            *_lines(code),
            "",
            *told,
            f"<details><summary>{' · '.join(NAMES.values())}</summary>",
            *folded,
            "</details>",
            "",
        ]
    )


def _lines(code: ReasonCode) -> list[str]:
    """Return the English sentences of a code, in Markdown."""
    english = words(Language.EN)
    lines = [f"- {_marked(template, '*')}" for template in english.sentences[code]]
    scarce = [f"- {_marked(template, '*')}" for template in english.scarce.get(code, ())]
    return lines + (["", "Where a plan waits for nothing better (*starts_at* is 0):", "", *scarce] if scarce else [])


def _items(code: ReasonCode, language: Language) -> list[str]:
    """Return the sentences of a code in a language, in HTML."""
    told = words(language)
    templates = (*told.sentences[code], *told.scarce.get(code, ()))
    return [f"<li>{_marked(template, '<i>', '</i>')}</li>" for template in templates]


def _marked(template: str, before: str, after: str | None = None) -> str:
    """Return a template with its facts marked; a preposition that goes by the fact is shown as before a time of day."""

    def mark(found: re.Match[str]) -> str:
        preposition = f"{found[2]} " if found[2] else ""
        return f"{preposition}{before}{found[1]}{after or before}"

    return re.sub(r"\{(\w+)(?::([^|}]*)\|[^}]*)?\}", mark, template)


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
