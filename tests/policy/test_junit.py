"""``noonward.policy.junit``."""

from noonward.policy.junit import Case, to_xml
from support.junit import read


def test_cases_pass_and_fail():
    bad = Case(name="two", code="T001", message="the relay is open", text="at 11:12")
    suites = read(to_xml("noonward test", {"a.yaml": [Case(name="one"), bad], "b.yaml": []}, {"coverage": "row 3"}))
    assert suites == {
        "a.yaml": [("one", None), ("two", ("T001", "the relay is open", "at 11:12"))],
        "b.yaml": [],
        "coverage": [],
    }


def test_what_people_write_stays_text():
    nasty = 'a"<b>&\N{ESCAPE}[31m\N{NULL}\n]]>'
    case = Case(name=nasty, code="T001", message=nasty, text=nasty)
    ((read_case,),) = read(to_xml(nasty, {nasty: [case]})).values()
    assert read_case == ('a"<b>&[31m]]>', ("T001", 'a"<b>&[31m]]>', 'a"<b>&[31m\n]]>'))
