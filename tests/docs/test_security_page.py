"""The page on security names tests; they are there. What it says in numbers is what the program does."""

import ast
import re
from pathlib import Path

import pytest

from noonward.access import audit, limits, passwords, sessions, tokens
from noonward.access.model import ALLOWED, Action, Role
from noonward.web import auditing, desk, guards

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "explanation" / "security.md").read_text(encoding="utf-8")
NAMED = sorted(set(re.findall(r"`(tests/[\w/]+\.py)::(\w+)`", PAGE)))
ROWS = [line for line in PAGE.split("## OWASP ASVS")[1].splitlines() if re.match(r"\| \d", line)]


@pytest.mark.parametrize(("file", "name"), NAMED)
def test_every_test_that_is_named_is_there(file, name):
    tree = ast.parse((ROOT / file).read_text(encoding="utf-8"))
    functions = {node.name for node in tree.body if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)}
    assert name in functions


def test_every_item_says_how_it_is_met_and_is_shown_unless_it_cannot_be():
    for row in ROWS:
        item, how, shown = (cell.strip() for cell in row.strip("|").split("|"))
        assert re.match(r"\d+\.\d+\.\d+", item)
        assert how
        assert "::" in shown or item.split()[0] in {"6.3.3", "16.4.3"}


def test_the_items_of_the_threat_model_are_all_there():
    told = set()
    for row in ROWS:
        numbers = row.split("|")[1]
        for first, last in re.findall(r"(\d+\.\d+\.\d+)(?: – (\d+\.\d+\.\d+))?", numbers):
            chapter, _, least = first.rpartition(".")
            told |= {f"{chapter}.{k}" for k in range(int(least), int((last or first).rpartition(".")[2]) + 1)}
    assert told >= {
        *("3.3.1", "3.4.1", "3.4.3", "3.4.4", "3.4.5", "3.4.6", "3.4.8", "3.5.1", "3.5.2", "3.5.3", "4.4.1"),
        *("6.1.1", "6.3.1", "6.3.2", "6.4.1", "7.2.3", "7.3.1", "7.3.2", "7.4.1", "7.4.3", "7.5.2"),
        *("16.2.1", "16.3.1", "16.3.2", "16.4.1", "16.4.2"),
    }


@pytest.mark.parametrize(
    ("words", "number"),
    [
        (r"At least (\d+) characters", passwords.LENGTH_MIN),
        (r"at most (\d+), of any kind", passwords.LENGTH_MAX),
        (r"(\d+) most common ones", len(passwords._common())),
        (r"used for (\d+) days", sessions.IDLE_S / 86_400),
        (r"after (\d+) days in any", sessions.LASTS_S / 86_400),
        (r"has at most (\d+); the one", sessions.EACH_MAX),
        (r"waits, (\d+) s at\s", limits.Backoff().first_s),
        (r"failure, (\d+) minutes at most", limits.Backoff().most_s / 60),
        (r"All together have (\d+) tries", desk.HASHES.burst),
        (r"may read (\d+) times", guards.READS.burst),
        (r"then (\d+) times a second", 1 / guards.READS.each_s),
        (r"set something (\d+) times", guards.WRITES.burst),
        (r"network no more than (\d+) at once", auditing.ROOM_EACH.burst),
        (r"kept for (\d+) days", audit.KEPT_S / 86_400),
        (r"days or (100 000) entries", audit.KEPT_MAX),
    ],
)
def test_numbers_are_those_of_the_program(words, number):
    (found,) = re.findall(words, PAGE)
    assert float(found.replace(" ", "")) == pytest.approx(number)


def test_a_year_is_a_year():
    assert tokens.LASTS_MAX_S == 366 * 86_400


def test_the_table_of_roles_is_that_of_the_program():
    rows = {
        "see state": Action.SEE,
        "switch, boost": Action.WISH,
        "override a mode": Action.MODE,
        "hand in a forecast": Action.FORECAST,
        "switch a device": Action.TEST,
        "see who has": Action.AUDIT,
        "invite people": Action.GRANT,
    }
    for start, action in rows.items():
        (line,) = [line for line in PAGE.splitlines() if line.startswith(f"| {start}")]
        cells = [cell.strip() for cell in line.strip("|").split("|")][1:]
        told = {
            role
            for role, cell in zip(("viewer", "resident", "owner", "installer"), cells, strict=True)
            if cell == "yes"
        }
        assert told == {
            role.value for role, allowed in ALLOWED.items() if action in allowed and role is not Role.GATEWAY
        }
