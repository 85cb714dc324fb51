"""Writes docs/reference/notices.md from the notices that the program itself gives."""

from __future__ import annotations

import re
from pathlib import Path

from noonward.policy.language import Language
from noonward.policy.words import words
from noonward.views.notices import LEVELS, NoticeCode

PAGE = Path(__file__).parents[1] / "reference" / "notices.md"
NAMES = {Language.DE: "Deutsch", Language.FR: "Français", Language.IT: "Italiano"}
HEAD = """\
# Notices

What is not as it should be is said in one sentence, and what to do about it in another: on the portal, in
`noonward status`, over MQTT, to webhooks and in the [HTTP API](http-api.md). People read them in their own language;
tools read the code.

A notice has an `id`, which is the same as long as it is about the same: its code, and the name of the policy, station
or device that it is about (its `subject`). *Trouble* needs someone, a *note* only explains.

This page is written by `python docs/generate/notices.py` from the program's own tables.
"""


def page() -> str:
    """Return the page."""
    return "\n".join([HEAD, *(_section(code) for code in NoticeCode)])


def _section(code: NoticeCode) -> str:
    told = [f"- {said}" for said in _said(code, Language.EN)]
    folded = [
        line
        for language, name in NAMES.items()
        for line in (
            f"<p><b>{name}</b></p><ul>",
            *(f"<li>{said}</li>" for said in _said(code, language)),
            f"</ul><p>{' / '.join(_todo(code, language))}</p>",
        )
    ]
    return "\n".join(
        [
            f"## `{code.value}`",
            "",
            f"{LEVELS[code].capitalize()}.",
            "",
            *told,
            "",
            f"What to do: {' / '.join(_todo(code, Language.EN))}",
            "",
            f"<details><summary>{' · '.join(NAMES.values())}</summary>",
            *folded,
            "</details>",
            "",
        ]
    )


def _said(code: NoticeCode, language: Language) -> list[str]:
    """Return every sentence of a notice, facts in dots."""
    return _filled(rf"notice\.{code}(-(vehicle|to|never|saying|never-saying|one-more|more))?", language)


def _todo(code: NoticeCode, language: Language) -> list[str]:
    """Return every sentence that says what to do."""
    return _filled(rf"todo\.{code}(-at)?", language)


def _filled(name: str, language: Language) -> list[str]:
    found = (template for key, template in words(language).phrases.items() if re.fullmatch(name, key))
    return [re.sub(r"\{\w+(?::([^|}]*)\|[^}]*)?\}", lambda m: f"{m[1] or ''} …".strip(), one) for one in found]


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
