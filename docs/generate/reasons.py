"""Writes docs/reference/reasons.md from the sentences that the program itself uses."""

from __future__ import annotations

from pathlib import Path

from noonward.policy.sentences import placeholders
from noonward.policy.words.en import SCARCE, SENTENCES

PAGE = Path(__file__).parents[1] / "reference" / "reasons.md"
HEAD = """\
# Reasons

Every decision says why, as a stable code with the numbers that were compared. People read a sentence made from just
those; tools read the code and the facts ([HTTP API](http-api.md)). Of several sentences the first is used whose
*facts* the decision has.

This page is written by `python docs/generate/reasons.py` from the program's own table.
"""


def page() -> str:
    """Return the page."""
    parts = [HEAD]
    for code, templates in SENTENCES.items():
        lines = [f"- {template.replace('{', '*').replace('}', '*')}" for template in templates]
        scarce = [f"- {template.replace('{', '*').replace('}', '*')}" for template in SCARCE.get(code, ())]
        lines += ["", "Where a plan waits for nothing better (*starts_at* is 0):", "", *scarce] if scarce else []
        told_of = (*templates, *SCARCE.get(code, ()))
        facts = sorted(set().union(*(placeholders(template) for template in told_of)))
        told = [f"Facts: {', '.join(f'`{name}`' for name in facts)}."] if facts else []
        parts.append("\n".join([f"## `{code.value}`", "", *lines, *(["", *told] if told else []), ""]))
    return "\n".join(parts)


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
