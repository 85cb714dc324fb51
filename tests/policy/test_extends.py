"""``noonward.policy.extends``."""

from __future__ import annotations

import pytest

from noonward.policy import schema
from noonward.policy.extends import Templates
from support.policyfolder import document, told, write

CHILD = "kind: appliance/v1\nname: x\nextends: templates/boiler.yaml\n"
TEMPLATE = """\
kind: appliance/v1
mode: timer
load: {power: 3 kW, min_on: 20 min}
relays: [a/b]
timers:
  - {start: "0 6 * * *", for: 2 h}
  - {start: "0 12 * * *", for: 1 h}
"""


def filled(folder, child=CHILD, **templates):
    write(folder, {"x.yaml": child, **{f"templates/{name}.yaml": text for name, text in templates.items()}})
    policy = document(child, folder)
    return policy, Templates(folder, "p").fill_in(policy)


def test_maps_are_merged_and_everything_else_is_replaced(tmp_path):
    child = CHILD + 'load: {min_on: 5 min}\ntimers: [{start: "0 7 * * *", for: 1 h}]\n'
    policy, problems = filled(tmp_path, child, boiler=TEMPLATE)
    assert problems == []
    assert policy.data == {
        "kind": "appliance/v1",
        "name": "x",
        "mode": "timer",
        "load": {"power": "3 kW", "min_on": "5 min"},
        "relays": ["a/b"],
        "timers": [{"start": "0 7 * * *", "for": "1 h"}],
    }
    assert schema.problems(policy) == []


def test_templates_extend_templates(tmp_path):
    policy, problems = filled(tmp_path, boiler="extends: base.yaml\nload: {power: 2 kW}\n", base=TEMPLATE)
    assert (problems, policy.number("load", "power"), policy.number("load", "min_on")) == ([], 2000, 1200)


def test_a_problem_points_into_the_file_that_the_value_came_from(tmp_path):
    child = CHILD + "load: {min_on: 5}\n"
    policy, _ = filled(tmp_path, child, boiler=TEMPLATE.replace("3 kW", "3 KW").replace('"0 12', '"0 25'))
    found = [(p.file, p.span.line, p.code, p.source) for p in schema.problems(policy)]
    assert sorted(found) == [
        ("p/templates/boiler.yaml", 3, "S106", "load: {power: 3 KW, min_on: 20 min}"),
        ("p/templates/boiler.yaml", 7, "S107", '  - {start: "0 25 * * *", for: 1 h}'),
        ("x.yaml", 4, "S106", "load: {min_on: 5}"),
    ]


def test_what_a_list_replaces_is_forgotten(tmp_path):
    policy, _ = filled(tmp_path, CHILD + 'timers: [{start: "0 7 * * *", for: 1 h}]\n', boiler=TEMPLATE)
    assert ("timers", 1) not in policy.values
    assert policy.source_of(("timers", 0)).file == "x.yaml"
    assert policy.source_of(("relays",)).file == "p/templates/boiler.yaml"


@pytest.mark.parametrize(
    ("child", "templates", "expected"),
    [
        (CHILD, {}, ['3:10 X201 there is no template "templates/boiler.yaml"']),
        (CHILD.replace("templates/boiler.yaml", "../../x.yaml"), {}, ['3:10 X203 "../../x.yaml" leads out of the folder | put the template into the folder, below templates/']),
        (CHILD.replace("templates/boiler.yaml", "/etc/passwd"), {}, ['3:10 X203 "/etc/passwd" leads out of the folder | put the template into the folder, below templates/']),
        (CHILD.replace("templates/boiler.yaml", "x.yaml"), {}, ['3:10 X202 "x.yaml" extends itself | templates cannot extend each other in a circle']),
        (CHILD, {"boiler": "extends: base.yaml", "base": "extends: boiler.yaml"}, ['1:10 X202 "boiler.yaml" extends itself | templates cannot extend each other in a circle']),
        (CHILD, {"boiler": "extends: ../x.yaml"}, ['1:10 X202 "../x.yaml" extends itself | templates cannot extend each other in a circle']),
        (CHILD, {"boiler": "kind: ev-zone/v1"}, ["1:7 X205 a template of kind ev-zone/v1 cannot fill in appliance/v1"]),
        (CHILD, {"boiler": "- a list"}, ["1:1 S102 a template is a group of keys"]),
        (CHILD, {"boiler": "a: *x"}, ["1:4 Y002 anchors and aliases are not allowed | use `extends:` with a template file"]),
        (CHILD, {"boiler": "a: 1\na: 2"}, ['2:1 Y005 "a" is given twice | first given on line 1']),
        (CHILD, {"boiler": "x" * 300_000}, ["F004 larger than 256 KB: 300 kB | put recordings into CSV files"]),
        (CHILD.replace("templates/boiler.yaml", "[a]"), {}, ["3:10 S102 extends should be a path from this file"]),
        (CHILD, {"boiler": "extends: 3"}, ["1:10 S102 extends should be a path from this file"]),
        (CHILD, {"boiler": "extends: t0.yaml", **{f"t{i}": f"extends: t{i + 1}.yaml" for i in range(9)}}, ["1:10 X204 more than 8 templates extend each other"]),
    ],
)  # fmt: skip
def test_a_template_that_cannot_be_used_is_told(tmp_path, child, templates, expected):
    _, problems = filled(tmp_path / "p", child, **templates)
    assert told(problems) == expected


def test_a_link_cannot_lead_out_of_the_folder(tmp_path):
    (tmp_path / "secret.yaml").write_text("name: secret")
    folder = write(tmp_path / "p", {"templates/x": ""})
    (folder / "templates/boiler.yaml").symlink_to(tmp_path / "secret.yaml")
    problems = Templates(folder, "p").fill_in(document(CHILD, folder))
    assert [p.code for p in problems] == ["X203"]


def test_a_template_is_read_once(tmp_path, monkeypatch):
    write(tmp_path, {"templates/boiler.yaml": TEMPLATE})
    templates, (first, second) = Templates(tmp_path, "p"), (document(CHILD, tmp_path) for _ in range(2))
    templates.fill_in(first)
    (tmp_path / "templates/boiler.yaml").unlink()
    assert templates.fill_in(second) == []
    assert list(templates.texts) == ["p/templates/boiler.yaml"]
    first.data["load"]["power"] = "9 kW"
    assert second.data["load"]["power"] == "3 kW"
