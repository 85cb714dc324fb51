"""Refusals in the language that is spoken: what is answered to something that somebody asked for on a page.

They are raised in English, where it is found out, for logs and for whoever writes programs. Those that a person can
bring about are translated at the edge, found by their English sentence (``REFUSALS`` of ``words``).
"""

from __future__ import annotations

import re
from functools import cache

from noonward.policy.language import Language, spoken
from noonward.policy.words import filled, words


def refusal(english: str) -> tuple[str, Language]:
    """Return a refusal in the language that is spoken, and in which it is: English where nobody has translated it."""
    language = spoken()
    told = words(language)
    for template, translation in told.refusals.items():
        if found := _pattern(template).fullmatch(english):
            facts = found.groupdict()
            if "mode" in facts:
                facts["mode"] = told.phrases.get(f"mode.{facts['mode']}", facts["mode"])
            return filled(translation, facts), language
    return english, Language.EN


@cache
def _pattern(template: str) -> re.Pattern[str]:
    """Return what a sentence made from a template looks like, its facts as groups."""
    return re.compile(re.sub(r"\\\{(\w+)\\\}", r"(?P<\1>.+?)", re.escape(template)), re.DOTALL)
