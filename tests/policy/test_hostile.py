"""Input that somebody made to hurt: each ends at once, in one clear problem, with exit code 1 and no traceback.

The command runs in a process of its own, as a user would run it. The timeout is a guard against hanging only; how long
a check takes is measured by ``benchmarks/check.py``.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TypeAlias

import pytest

from noonward.policy import load
from noonward.policy.yaml import MAX_BYTES

GUARD_S = 30
SITE = """
kind: site/v1
name: house-12
timezone: Europe/Zurich
grid: {meter: grid-meter}
devices:
  grid-meter: {driver: memory, meter: grid}
"""
LONG = MAX_BYTES - 1000
"""Almost as long as a file may be."""

Make: TypeAlias = Callable[[Path], None]


def text(content: str | bytes) -> Make:
    """Write the file to check."""
    raw = content if isinstance(content, bytes) else content.encode()
    return lambda path: path.write_bytes(raw) and None


def merge_key_bomb(size: int = 20_000) -> str:
    """20 KB that took a round-trip loader seven seconds."""
    lines = ["l0: &l0 {" + ", ".join(f"k{i}: {i}" for i in range(40)) + "}"]
    while sum(map(len, lines)) < size:
        k = len(lines)
        lines.append(f"l{k}: &l{k} {{<<: [{', '.join([f'*l{k - 1}'] * 20)}], z{k}: 0}}")
    return "\n".join(lines)


def alias_bomb() -> str:
    """A billion laughs."""
    return "l0: &l0 [lol]\n" + "\n".join(f"l{k}: &l{k} [{', '.join([f'*l{k - 1}'] * 10)}]" for k in range(1, 10))


def link_loop(path: Path) -> None:
    path.symlink_to("other.yaml")
    path.with_name("other.yaml").symlink_to(path.name)


def link_to_itself(path: Path) -> None:
    path.symlink_to(path.name)


def link_to_nothing(path: Path) -> None:
    path.symlink_to("nowhere.yaml")


FILES: dict[str, tuple[Make, str, str]] = {
    # what: how it is made, code, a part of the message
    "merge-key bomb of 20 KB": (text(merge_key_bomb()), "Y002", "anchors and aliases are not allowed"),
    "alias bomb": (text(alias_bomb()), "Y002", "anchors and aliases are not allowed"),
    "merge keys without anchors": (text("a:\n  <<: {b: 1}\n"), "Y004", "merge keys"),
    "3000 lists in lists": (text("[" * 3000 + "]" * 3000), "Y007", "nested deeper than 16 levels"),
    "3000 maps in maps": (text("{a: " * 3000 + "1" + "}" * 3000), "Y007", "nested deeper than 16 levels"),
    "3000 entries in entries": (text("- " * 3000 + "x"), "Y007", "nested deeper than 16 levels"),
    "3000 brackets apart": (text("[ \n" * 3000), "Y007", "nested deeper than 16 levels"),
    "a bracket and blanks": (text("[" + " " * LONG), "Y001", "a bracket is opened and never closed"),
    "only opening quotes": (text('a: "' + "x " * (LONG // 2)), "Y001", "a quote is opened here and never closed"),
    "more values than allowed": (text("".join(f"k{i}: 1\n" for i in range(20_000))), "Y008", "more than 20000 values"),
    "10 MB": (text("# " + "x" * 10_000_000), "F004", "larger than 256 KB: 10.0 MB"),
    "10 MB of lines": (text("a: 1\n" * 2_000_000), "F004", "larger than 256 KB: 10.0 MB"),
    "a program": (text(Path(sys.executable).resolve().read_bytes()[: MAX_BYTES // 2]), "F003", "not a UTF-8 text file"),
    "zeros": (text(bytes(1000)), "F003", "U+0000 is not allowed"),
    "UTF-16": (text("kind: appliance/v1\n".encode("utf-16")), "F003", "not a UTF-8 text file"),
    "nothing": (text(""), "Y010", "the file is empty"),
    "a folder with a file's name": (lambda path: path.mkdir(), "", ""),
    "a FIFO": (os.mkfifo, "F003", "not a file"),
    "a link that leads to itself": (link_to_itself, "F005", "leads back to itself"),
    "a link to nothing": (link_to_nothing, "F001", "there is no such file"),
    "a device": (lambda path: path.symlink_to("/dev/zero"), "F003", "not a file"),
}


def check(*arguments: str | Path, cwd: Path) -> tuple[int, list[dict[str, object]]]:
    """The command's exit code and the problems it prints."""
    program = "from noonward.cli.main import main; main()"
    done = subprocess.run(
        [sys.executable, "-c", program, "check", "--format", "json", *map(str, arguments)],
        cwd=cwd,
        capture_output=True,
        text=True,
        timeout=GUARD_S,
        check=False,
    )
    assert "Traceback" not in done.stderr
    return done.returncode, json.loads(done.stdout)


@pytest.mark.parametrize("what", FILES)
def test_a_hostile_file_is_one_clear_problem(what: str, tmp_path: Path) -> None:
    make, code, says = FILES[what]
    (tmp_path / "site.yaml").write_text(SITE)
    make(tmp_path / "boiler.yaml")

    exit_code, problems = check(cwd=tmp_path)

    if not code:  # a folder is looked into, whatever its name
        assert (exit_code, problems) == (0, [])
        return
    assert exit_code == 1
    assert [(problem["code"], problem["file"]) for problem in problems] == [(code, "boiler.yaml")]
    assert says in str(problems[0]["message"])


def test_two_links_that_lead_to_each_other_are_told_each(tmp_path: Path) -> None:
    (tmp_path / "site.yaml").write_text(SITE)
    link_loop(tmp_path / "boiler.yaml")

    exit_code, problems = check(cwd=tmp_path)

    assert exit_code == 1
    assert [(problem["code"], problem["file"]) for problem in problems] == [
        ("F005", "boiler.yaml"),
        ("F005", "other.yaml"),
    ]


def test_a_folder_that_links_to_itself_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "site.yaml").write_text(SITE)
    (tmp_path / "again").symlink_to(tmp_path)

    exit_code, problems = check(cwd=tmp_path)

    assert exit_code == 1
    assert [(problem["code"], problem["file"]) for problem in problems] == [("F005", "again")]


@pytest.mark.parametrize("path", ["missing", "missing/boiler.yaml", "x" * 5000, "site.yaml/boiler.yaml"])
def test_a_path_that_leads_nowhere_is_one_clear_problem(path: str, tmp_path: Path) -> None:
    (tmp_path / "site.yaml").write_text(SITE)

    exit_code, problems = check(path, cwd=tmp_path)

    assert exit_code == 1
    assert [problem["code"] for problem in problems] == ["F001"]
    assert path[:20] in str(problems[0]["file"])


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything; other kinds of unreadable are tested above")
def test_a_file_that_may_not_be_read_is_one_clear_problem(tmp_path: Path) -> None:
    (tmp_path / "site.yaml").write_text(SITE)
    (tmp_path / "boiler.yaml").touch(mode=0)

    exit_code, problems = check(cwd=tmp_path)

    assert exit_code == 1
    assert [problem["code"] for problem in problems] == ["F002"]


def test_an_empty_folder_is_one_clear_problem(tmp_path: Path) -> None:
    exit_code, problems = check(cwd=tmp_path)

    assert exit_code == 1
    assert [(problem["code"], problem["file"]) for problem in problems] == [("F006", ".")]


POLICY = (
    "kind: appliance/v1\nname: boiler\nmode: {mode}\nload: {{power: {power}}}\nrelays: [grid-meter/relay-1]\n{more}"
)
VALUES: dict[str, dict[str, str]] = {
    "a mode as long as the file": {"mode": "x" * LONG},
    "a power as long as the file": {"power": "1 h " * (LONG // 4)},
    "nine thousand unknown keys": {"more": "".join(f"k{i}: 1\n" for i in range(9000))},
    "six thousand ignores": {"more": "# noonward: ignore T101 x\n" * 6000},
    "an ignore of thirty thousand codes": {"more": "# noonward: ignore " + "T101, " * 30_000 + "T101 x\n"},
    "a template's name with a NUL": {"more": 'extends: "a\\0b"\n'},
    "a template's name as long as the file": {"more": f"extends: {'x' * LONG}\n"},
    "a cron expression as long as the file": {"more": f'timers: [{{start: "{"1," * (LONG // 2)}1 * * * *", for: 1 h}}]\n'},
    "a window of a million years": {"mode": "timer", "more": 'timers: [{start: "* * * * *", for: 99999999999999 d}]\n'},
    "64 timers that fire every minute of some months": {
        "mode": "timer",
        "more": "timers:\n" + "".join(f'  - {{start: "* * {i % 28 + 1} 1-11 *", stop: "*/2 * * 2 *"}}\n' for i in range(64)),
    },
}  # fmt: skip


@pytest.mark.timeout(GUARD_S)
@pytest.mark.parametrize("what", VALUES)
def test_hostile_values_end_in_messages_that_fit_on_a_screen(what: str, tmp_path: Path) -> None:
    (tmp_path / "site.yaml").write_text(SITE)
    (tmp_path / "boiler.yaml").write_text(
        POLICY.format(**{"mode": "manual", "power": "3 kW", "more": ""} | VALUES[what])
    )

    result = load.check([tmp_path])

    assert result.loaded is None
    assert max(len(f"{problem.message}{problem.hint}") for problem in result.problems) < 1000
