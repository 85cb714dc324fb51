"""``noonward.policy.load``: a folder to what runs, or to everything that is wrong with it."""

from __future__ import annotations

import os
import time
from contextlib import suppress
from pathlib import Path

import pytest

from noonward.errors import PolicyError
from noonward.policy import load as module
from noonward.policy.load import check, load
from noonward.policy.problems import Problem
from support.policyfolder import BOILER, SITE, write

SECOND = BOILER.replace("boiler", "second").replace("relay-1", "relay-2")
TEMPLATE = "mode: auto-solar\nload: {power: 3 kW}\n"
CHILD = "kind: appliance/v1\nname: child\nextends: templates/t.yaml\nrelays: [cellar/relay-3]\n"


def codes(result):
    return [(p.file.rpartition("/")[2], p.code) for p in result.problems if p.severity == "error"]


def test_a_good_folder_loads(tmp_path):
    loaded = load(
        write(tmp_path, {"a.yaml": BOILER, "below/b.yaml": SECOND, "c.yaml": CHILD, "templates/t.yaml": TEMPLATE})
    )
    assert [policy.name for policy in loaded.site.appliances] == ["boiler", "child", "second"]
    assert sorted(loaded.files) == ["a.yaml", "below/b.yaml", "c.yaml", "site.yaml", "templates/t.yaml"]
    assert loaded.files["a.yaml"] == BOILER


@pytest.mark.parametrize(
    "beside",
    [
        {"s.scenario.yaml": "kind: scenario/v1\ntape: tapes/gone.csv\n"},
        {"s.scenario.yaml": "kind: scenario/v1\ntape: [1]\n"},
        {"a.test.yaml": "kind: policy-test/v1\npolicy: nobody\ncases: []\n"},
    ],
)
def test_what_is_wrong_beside_the_policies_is_told_and_keeps_nothing_from_running(tmp_path, beside):
    """A gateway has no recordings, and a journal no tapes."""
    folder = write(tmp_path, {"a.yaml": BOILER} | beside)
    assert codes(check([folder]))
    loaded = load(folder)
    assert sorted(loaded.files) == ["a.yaml", "site.yaml"]
    assert any(problem.severity == "error" for problem in loaded.warnings)
    assert loaded.site.digest == load(write(tmp_path / "alone", {"a.yaml": BOILER})).site.digest


@pytest.mark.parametrize("path", [".", "site.yaml", "below", "below/b.yaml"])
def test_any_place_in_the_folder_means_the_folder(tmp_path, path):
    folder = write(tmp_path, {"a.yaml": BOILER, "below/b.yaml": SECOND})
    assert len(load(folder / path).site.appliances) == 2


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("kind: policy-test/v1\ntests: []\n", False),
        ("# yaml-language-server: x\n\n  # y\nkind:  scenario/v1  # z\ntape: t.csv\n", False),
        ("tape: t.csv\nkind: scenario/v1\n", True),
        ('kind: "scenario/v1"\n', True),
        ("# kind: scenario/v1\n" + SECOND, True),
        ("kind: scenario/v12\n", True),
    ],
)
def test_what_nothing_runs_on_need_not_be_read(tmp_path, monkeypatch, text, read):
    folder = write(tmp_path, {"a.yaml": BOILER, "b.yaml": text})
    texts, honest = [], module.yaml.read
    with monkeypatch.context() as patched, suppress(PolicyError):
        patched.setattr(module.yaml, "read", lambda given: texts.append(given) or honest(given))
        found = load(folder, beside=False)
        patched.undo()
        assert found.site == load(folder).site
    assert (text in texts) is read


def test_where_a_folder_does_not_load_all_its_problems_are_told(tmp_path):
    folder = write(tmp_path, {"a.yaml": BOILER + "colour: red\n", "b.yaml": "kind: scenario/v1\ntape: 3\n"})
    with pytest.raises(PolicyError) as some:
        load(folder, beside=False)
    assert {problem.file.rpartition("/")[2] for problem in some.value.problems} == {"a.yaml", "b.yaml"}


def test_every_problem_of_every_file_is_told_sorted_by_place(tmp_path):
    folder = write(
        tmp_path,
        {
            "b.yaml": BOILER.replace("3 kW", "3000"),
            "a.yaml": BOILER + "prority: 3\nmood: x\n",
            "c.yaml": "a: [1",
            "d.yaml": "kind: aplliance/v1\n",
        },
        SITE.replace("Zurich", "Zurigo"),
    )
    with pytest.raises(PolicyError, match=r"a.yaml:6:1: error\[S104\].* and 5 more") as caught:
        load(folder)
    found = [(p.file.rpartition("/")[2], p.span.line, p.code) for p in caught.value.problems if isinstance(p, Problem)]
    assert found == [
        ("a.yaml", 6, "S104"),
        ("a.yaml", 7, "S104"),
        ("b.yaml", 4, "S106"),
        ("c.yaml", 1, "Y001"),
        ("d.yaml", 1, "S101"),
        ("site.yaml", 3, "S108"),
    ]


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        ({"x.yaml": "name: x\n"}, ("S101", '"kind" is missing', "a policy begins with `kind: appliance/v1` or `kind: ev-zone/v1`")),
        ({"x.yaml": "kind: boiler/v1\n"}, ("S101", 'there is no kind "boiler/v1"', None)),
        ({"x.yaml": "kind: appliance/v2\n"}, ("S101", 'there is no kind "appliance/v2"', 'did you mean "appliance/v1"?')),
        ({"x.yaml": "kind: [appliance/v1]\n"}, ("S101", "there is no kind \"['appliance/v1']\"", None)),
        ({"x.yaml": "- a\n"}, ("S102", "a file is a group of keys", "a policy begins with `kind: appliance/v1` or `kind: ev-zone/v1`")),
        ({"x.yaml": "just text\n"}, ("S102", "a file is a group of keys", "a policy begins with `kind: appliance/v1` or `kind: ev-zone/v1`")),
        ({"house.yaml": SITE}, ("F008", "a site is written in a file named site.yaml", None)),
        ({"below/site.yaml": SITE}, ("F009", "a second site in one folder", "one site.yaml a folder")),
        ({"below/site.yaml": BOILER}, ("F008", "site.yaml holds a site", "kind: site/v1")),
    ],
)  # fmt: skip
def test_a_file_must_say_what_it_is(tmp_path, files, expected):
    problems = [p for p in check([write(tmp_path, files)]).problems if p.severity == "error"]
    code, message, hint = expected
    assert [(p.code, p.message) for p in problems] == [(code, message)]
    if hint:
        assert problems[0].hint == hint


def test_warnings_do_not_keep_a_folder_from_loading(tmp_path):
    folder = write(tmp_path, {"a.yaml": BOILER + "description: 22:00\n"})
    loaded = load(folder)
    assert "Y011" in [problem.code for problem in loaded.warnings]
    write(folder, {"a.yaml": BOILER + "description: 22:00  # noonward: ignore Y011 everyone reads this with us\n"})
    assert "Y011" not in [problem.code for problem in load(folder).warnings]


def test_a_set_with_one_broken_file_does_not_load(tmp_path):
    folder = write(tmp_path, {"a.yaml": BOILER, "b.yaml": SECOND + "x: 1\n"})
    with pytest.raises(PolicyError):
        load(folder)


def test_semantic_rules_look_at_what_passed_its_schema(tmp_path, monkeypatch):
    seen = []
    monkeypatch.setattr(module.rules, "check", lambda project: seen.append(project) or ())
    check([write(tmp_path, {"a.yaml": BOILER, "b.yaml": SECOND + "x: 1\n"})])
    (project,) = seen
    assert ([document.name for document in project.policies], project.complete) == (["boiler"], False)
    assert sorted(project.devices.relays) == [f"cellar/relay-{n}" for n in range(1, 5)]
    assert project.site.name == "house-12"


@pytest.mark.parametrize(
    ("files", "site"),
    [
        ({"b.yaml": SECOND + "name: third\n"}, SITE),
        ({}, SITE.replace("driver: memory, meter: grid", "driver: memory, meter: gird")),
        ({"b.yaml": "a: [1"}, SITE),
    ],
    ids=["a key given twice", "a device that is wrong", "a file that is not YAML"],
)
def test_rules_are_told_that_something_is_left_out(tmp_path, monkeypatch, files, site):
    seen = []
    monkeypatch.setattr(module.rules, "check", lambda project: seen.append(project) or ())
    check([write(tmp_path, {"a.yaml": BOILER} | files, site)])
    assert [document.name for document in seen[0].policies] == ["boiler"]
    assert not seen[0].complete


def test_rules_problems_are_problems(tmp_path, monkeypatch):
    folder = write(tmp_path, {"a.yaml": BOILER})
    found = Problem(code="R999", severity="error", message="no", file="a.yaml")
    monkeypatch.setattr(module.rules, "check", lambda project: [found])
    assert check([folder]).problems == (found,)
    with pytest.raises(PolicyError):
        load(folder)


# --- secrets ---------------------------------------------------------------------------------------------------------

SECRET_SITE = SITE + '  plug: {driver: shelly, host: 192.168.1.60, switches: 1, password: "${env:PLUG_PASSWORD}"}\n'


def test_secrets_are_resolved_with_an_environment_only_and_never_shown(tmp_path):
    folder = write(tmp_path, {"a.yaml": BOILER}, SECRET_SITE)
    written, resolved = load(folder), load(folder, environ={"PLUG_PASSWORD": "s3cret"})
    assert written.devices[-1].config["password"] == "${env:PLUG_PASSWORD}"  # noqa: S105 - the reference
    assert resolved.devices[-1].config["password"] == "s3cret"  # noqa: S105 - a test's
    assert "s3cret" not in repr(resolved)
    assert written.site == resolved.site
    with pytest.raises(PolicyError, match="the environment variable PLUG_PASSWORD is not set"):
        load(folder, environ={})


# --- what check is given ---------------------------------------------------------------------------------------------


def test_one_file_is_checked_with_its_site_and_templates(tmp_path):
    files = {
        "good.yaml": BOILER,
        "bad.yaml": SECOND + "x: 1\n",
        "child.yaml": CHILD,
        "templates/t.yaml": TEMPLATE.replace("3 kW", "3"),
    }
    folder = write(tmp_path, files)
    assert codes(check([folder])) == [("bad.yaml", "S104"), ("t.yaml", "S106")]
    assert codes(check([folder / "good.yaml"])) == []
    assert codes(check([folder / "bad.yaml"])) == [("bad.yaml", "S104")]
    result = check([folder / "good.yaml"])
    assert (dict(result.kinds), result.files) == ({f"{folder}/good.yaml": "appliance/v1"}, (f"{folder}/good.yaml",))


def test_a_template_shows_its_problems_with_the_file_that_extends_it(tmp_path):
    folder = write(tmp_path, {"child.yaml": CHILD, "templates/t.yaml": TEMPLATE + "prority: 1\n"})
    assert codes(check([folder / "child.yaml"])) == [("t.yaml", "S104")]


def test_a_file_sees_what_the_others_do(tmp_path):
    folder = write(tmp_path, {"a.yaml": BOILER, "b.yaml": BOILER})
    problems = check([folder / "a.yaml"]).problems
    assert "the site does not load: 2 more errors in other files" in [p.message for p in problems if p.code == "F011"]


def test_a_file_without_a_site_is_checked_by_itself(tmp_path):
    folder = write(tmp_path, {"a.yaml": BOILER}, site=None)
    result = check([folder / "a.yaml"])
    assert [(p.code, p.severity) for p in result.problems if p.code[0] == "F"] == [("F006", "info")]
    assert (codes(result), result.loaded) == ([], None)
    with pytest.raises(PolicyError):
        load(folder)


def test_a_file_without_a_site_may_extend_a_template(tmp_path, monkeypatch):
    monkeypatch.chdir(write(tmp_path, {"c.yaml": CHILD, "templates/t.yaml": TEMPLATE + "x: 1\n"}, site=None))
    assert [p.file for p in check([Path("c.yaml")]).problems if p.code == "S104"] == ["templates/t.yaml"]


@pytest.mark.parametrize(
    ("path", "message"),
    [
        ("templates/t.yaml", "the site does not load this file"),
        ("README.md", "the site does not load this file"),
        ("empty", "the site does not load anything in this folder"),
    ],
)
def test_what_the_site_does_not_load_cannot_be_called_checked(tmp_path, path, message):
    folder = write(tmp_path, {"a.yaml": BOILER, "templates/t.yaml": TEMPLATE, "README.md": "#"})
    (folder / "empty").mkdir()
    problems = check([folder / path]).problems
    assert [(p.code, p.severity, p.message) for p in problems if p.severity == "error"] == [("F010", "error", message)]


def test_a_folder_without_a_site_is_a_problem(tmp_path):
    assert codes(check([tmp_path])) == [(tmp_path.name, "F006")]


def test_a_folder_of_sites_is_checked_site_by_site(tmp_path):
    write(tmp_path / "one", {"a.yaml": BOILER})
    write(tmp_path / "two", {"a.yaml": BOILER, "b.yaml": SECOND + "x: 1\n"})
    result = check([tmp_path])
    assert codes(result) == [("b.yaml", "S104")]
    assert sorted(result.kinds.values()) == ["appliance/v1"] * 3 + ["site/v1"] * 2
    with pytest.raises(PolicyError):
        load(tmp_path)


def test_two_good_sites_are_no_one_thing_to_load(tmp_path):
    write(tmp_path / "one", {"a.yaml": BOILER})
    write(tmp_path / "two", {"a.yaml": BOILER})
    assert (codes(check([tmp_path])), check([tmp_path]).loaded) == ([], None)
    with pytest.raises(PolicyError, match="more than one site"):
        load(tmp_path)


def test_files_are_called_as_the_user_would_type_them(tmp_path, monkeypatch):
    write(tmp_path / "policies", {"a.yaml": BOILER + "x: 1\n", "below/b.yaml": SECOND + "x: 1\n"})
    monkeypatch.chdir(tmp_path)
    assert [p.file for p in check([Path("policies")]).problems if p.code == "S104"] == [
        "policies/a.yaml",
        "policies/below/b.yaml",
    ]
    monkeypatch.chdir(tmp_path / "policies")
    assert [p.file for p in check([Path()]).problems if p.code == "S104"] == ["a.yaml", "below/b.yaml"]
    assert [p.file for p in check([Path("a.yaml")]).problems if p.code == "S104"] == ["a.yaml"]
    monkeypatch.chdir(tmp_path / "policies" / "below")
    assert [p.file for p in check([Path("b.yaml")]).problems if p.code == "S104"] == ["../below/b.yaml"]


def test_a_linked_file_is_where_its_link_is(tmp_path):
    """As a folder mounted by an orchestrator: the files are links into a hidden one."""
    folder = tmp_path / "p"
    write(folder / "..data", {"a.yaml": BOILER + "x: 1\n"})
    for name in ("site.yaml", "a.yaml"):
        (folder / name).symlink_to(f"..data/{name}")
    assert codes(check([folder])) == codes(check([folder / "a.yaml"])) == [("a.yaml", "S104")]


def test_one_site_given_twice_is_told_once(tmp_path):
    folder = write(tmp_path, {"a.yaml": BOILER + "x: 1\n"})
    assert len(codes(check([folder, folder / "a.yaml", folder]))) == 1


# --- hostile folders -------------------------------------------------------------------------------------------------


def _big(folder):
    (folder / "x.yaml").write_bytes(b"a" * 10_000_000)


def _binary(folder):
    (folder / "x.yaml").write_bytes(bytes(range(256)) * 40)


def _unreadable(folder):
    (folder / "x.yaml").mkdir(mode=0)
    (folder / "x.yaml").rmdir()
    (folder / "x.yaml").symlink_to("/proc/self/mem")  # a file that even root cannot read from its start


def _fifo(folder):
    os.mkfifo(folder / "x.yaml")


HOSTILE = {
    "10 MB": (_big, "F004"),
    "binary": (_binary, "F003"),
    "unreadable": (_unreadable, "F002"),
    "fifo": (_fifo, "F003"),
    "link to itself": (lambda folder: (folder / "x.yaml").symlink_to("x.yaml"), "F005"),
    "link to nothing": (lambda folder: (folder / "x.yaml").symlink_to("nowhere"), "F001"),
    "folder in itself": (lambda folder: (folder / "x").symlink_to(folder), "F005"),
    "3000 brackets": (lambda folder: (folder / "x.yaml").write_text("[" * 3000), "Y007"),
    "merge keys": (lambda folder: (folder / "x.yaml").write_text("a: &a {b: 1}\n" + "".join(f"k{i}: &k{i} {{<<: [*a, *a]}}\n" for i in range(900))), "Y002"),
    "empty": (lambda folder: (folder / "x.yaml").write_text(""), "Y010"),
}  # fmt: skip


@pytest.mark.parametrize(("make", "code"), HOSTILE.values(), ids=HOSTILE)
def test_a_hostile_file_ends_in_one_clear_problem_within_a_second(tmp_path, make, code):
    folder = write(tmp_path, {"a.yaml": BOILER})
    make(folder)
    started = time.process_time()
    problems = [p for p in check([folder]).problems if p.severity == "error"]
    assert time.process_time() - started < 1.0
    assert [p.code for p in problems] == [code]
    assert problems[0].message


@pytest.mark.parametrize("path", ["nowhere", "a.yaml/x", "x" * 5000, "a\0b"])
def test_a_missing_folder_is_one_clear_problem(tmp_path, path):
    (tmp_path / "a.yaml").touch()
    with pytest.raises(PolicyError) as caught:
        load(tmp_path / path)
    assert [p.code[0] for p in caught.value.problems] == ["F"]


def test_every_code_of_this_package_is_documented():
    """Codes appear in the reference; a new one without its entry fails here."""
    root = Path(__file__).parents[2]
    import re

    used = {
        code
        for name in ("files", "yaml", "humane", "load", "extends", "secrets", "catalogue", "problems", "bridges")
        for code in re.findall(r'"([FYSXD]\d{3})"', (root / f"engine/noonward/policy/{name}.py").read_text())
    }
    documented = set(
        re.findall(r"^\| ([A-Z]\d{3}) \|", (root / "docs/reference/policy-language.md").read_text(), re.MULTILINE)
    )
    assert used == documented
