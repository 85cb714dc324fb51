"""Every rule has its page, and the page's examples do what it says."""

from __future__ import annotations

import contextlib
import re
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from noonward.policy.load import check
from noonward.policy.problems import to_text
from noonward.policy.rules import RULES

if TYPE_CHECKING:
    from collections.abc import Iterator

    from noonward.policy.problems import Problem

PAGES = Path(__file__).parents[2] / "docs" / "reference" / "rules"
MESSAGES = Path(__file__).with_name("rule_messages.txt")
HEADINGS = ["What it finds", "Why", "Wrong", "Right", "What to do"]
SEVERITY = {"error": "Error.", "warning": "Warning.", "info": "Info."}
THEMES = {
    "T1": "Time",
    "P2": "Power",
    "V3": "Vehicles",
    "X4": "Across files",
    "R5": "Risk",
    "N6": "Needs",
}
BLOCK = re.compile(r"^```(?:yaml|text)\n# (?P<file>\S+)\n(?P<text>.*?)^```$", re.MULTILINE | re.DOTALL)


def sections(code: str) -> dict[str, str]:
    """A page's sections by heading; what stands above the first is under ""."""
    parts = re.split(r"^## (.*)\n", page(code), flags=re.MULTILINE)
    return {"": parts[0], **dict(zip(parts[1::2], parts[2::2], strict=True))}


@pytest.fixture(autouse=True)
def _in_a_folder_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def page(code: str) -> str:
    return (PAGES / f"{code}.md").read_text(encoding="utf-8")


def examples(text: str) -> dict[str, str]:
    return {match["file"]: match["text"] for match in BLOCK.finditer(text)}


def problems(shown: dict[str, str]) -> Iterator[Problem]:
    """What ``check`` finds in the files that an example shows; the others of its folder are those of the index page."""
    for file, text in (examples((PAGES / "index.md").read_text(encoding="utf-8")) | shown).items():
        Path(file).write_text(text, encoding="utf-8")
    for problem in check([Path()]).problems:
        if problem.file in shown:
            yield problem


def test_there_are_rules_and_each_has_its_page() -> None:
    assert len(RULES) >= 25
    assert {path.stem for path in PAGES.glob("*.md")} - {"index"} == set(RULES)


@pytest.mark.parametrize("code", sorted(RULES))
def test_a_page_is_laid_out_like_all_others(code: str) -> None:
    rule, (head, *names) = RULES[code], sections(code)
    safety = " Fails under `--profile safe` too." if rule.safety else ""

    assert names == HEADINGS
    assert sections(code)[head] == f"# {code}: {rule.title}\n\n{SEVERITY[rule.severity]}{safety}\n\n"
    assert all(text.strip() for text in sections(code).values())


@pytest.mark.parametrize("code", sorted(RULES))
def test_the_wrong_example_is_found_and_nothing_else_is(code: str) -> None:
    shown = examples(sections(code)["Wrong"])
    found = list(problems(shown))

    assert {problem.code for problem in found} == {code}, "\n".join(map(str, found))
    assert {problem.severity for problem in found} == {RULES[code].severity}
    assert all(problem.span and problem.source.strip() for problem in found), "points at nothing"


@pytest.mark.parametrize("code", sorted(RULES))
def test_the_right_example_is_right(code: str) -> None:
    shown = examples(sections(code)["Right"])

    assert shown.keys() == examples(sections(code)["Wrong"]).keys()
    assert [str(problem) for problem in problems(shown)] == []


def told() -> str:
    """What ``check`` says about every wrong example."""
    texts = []
    for code in sorted(RULES):
        with tempfile.TemporaryDirectory() as folder, contextlib.chdir(folder):
            texts.append(to_text(problems(examples(sections(code)["Wrong"]))))
    return "\n".join(texts) + "\n"


def test_every_rule_says_exactly_this() -> None:
    """``python tests/policy/test_rule_pages.py`` writes the file anew; read each difference before you commit it."""
    assert told() == MESSAGES.read_text(encoding="utf-8")


def listing() -> str:
    """The index page's list, as it must be."""
    lines = []
    for prefix, theme in THEMES.items():
        lines += [f"## {theme}", "", "| code | | |", "|---|---|---|"]
        for code, rule in sorted(RULES.items()):
            if code.startswith(prefix):
                kind = f"safety {rule.severity}" if rule.safety else rule.severity
                lines.append(f"| [{code}]({code}.md) | {kind} | {rule.title} |")
        lines.append("")
    return "\n".join(lines)


def test_the_index_lists_every_rule() -> None:
    text = (PAGES / "index.md").read_text(encoding="utf-8")
    written = re.search(r"<!-- rules: begin.*?-->\n(.*)<!-- rules: end -->", text, re.DOTALL)

    assert written
    assert written[1].strip() == listing().strip(), f"write into index.md:\n\n{listing()}"


@pytest.mark.parametrize("code", sorted(RULES))
def test_every_message_reads_like_a_sentence_for_people(code: str) -> None:
    """No full stop, no repr of Python, nothing longer than a line."""
    for problem in problems(examples(sections(code)["Wrong"])):
        for told in (problem.message, problem.hint or ""):
            assert not told.endswith((".", "!"))
            assert not re.search(r"None|\{\}|\[\]|\('|\bdict\b|\.0 [A-Za-z]", told)
            assert len(told) <= 140


if __name__ == "__main__":
    MESSAGES.write_text(told(), encoding="utf-8")
