"""Writes docs/reference/reasons.md from the sentences that the program itself uses."""

from __future__ import annotations

from pathlib import Path

from noonward.policy.sentences import SENTENCES, placeholders

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
        facts = sorted(set().union(*(placeholders(template) for template in templates)))
        told = [f"Facts: {', '.join(f'`{name}`' for name in facts)}."] if facts else []
        parts.append("\n".join([f"## `{code.value}`", "", *lines, *(["", *told] if told else []), ""]))
    return "\n".join(parts)


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
