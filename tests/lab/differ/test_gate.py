"""``--fail-on``: a small grammar, read by hand, with errors that show where."""

from contextlib import suppress
from textwrap import dedent

import pytest
from hypothesis import given
from hypothesis import strategies as st

from noonward.errors import UsageError
from noonward.lab.differ.gate import parse
from noonward.lab.differ.metrics import METRICS, UNITS

OLD = {
    "captured": 0.80,
    "import_kwh": 100.0,
    "export_kwh": 10.0,
    "unmet_kwh": 0.0,
    "controlled_kwh": 50.0,
    "forced_kwh": 5.0,
    "solar_share": 0.5,
    "self_consumption": 0.5,
    "self_sufficiency": 0.5,
    "cost": 12.5,
    "violations": {"min_on": 0, "fuse": 0},
    "policies": {"a": {"starts": 10, "on_h": 5.0}, "b": {"starts": 10, "on_h": 5.0}},
}


def new(starts=10, on_h=5.0, **changes):
    """The old score with changes; starts and hours are those of one policy of two."""
    return OLD | {"policies": OLD["policies"] | {"a": {"starts": starts, "on_h": on_h}}} | changes


@pytest.mark.parametrize(
    ("expression", "score", "holds"),
    [
        ("captured < -1 pt", new(captured=0.789), True),
        ("captured < -1 pt", new(captured=0.79), False),  # a point exactly is not below
        ("captured < -1 %", new(captured=0.789), True),
        ("captured < -2 %", new(captured=0.789), False),
        ("captured > +1 pt", new(captured=0.789), False),
        ("starts > +20 %", new(starts=15), True),
        ("starts > +20 %", new(starts=14), False),
        ("starts > +1", new(starts=12), True),
        ("starts > +2", new(starts=12), False),
        ("starts > +1or starts<-1", new(starts=12), True),  # blanks are for people
        ("on > +59 min", new(on_h=6.0), True),
        ("on > +1 h", new(on_h=6.0), False),
        ("import > +500 Wh", new(import_kwh=100.6), True),
        ("import > +0.001 MWh", new(import_kwh=100.6), False),
        ("import < −1 kWh", new(import_kwh=98.0), True),
        ("unmet > +0 kWh", new(unmet_kwh=0.1), True),
        ("unmet > 0 kWh", new(), False),
        ("unmet > +500 %", new(unmet_kwh=0.1), True),  # more than nothing is more than any per cent
        ("unmet > +500 %", new(), False),
        ("violations > +0", new(violations={"min_on": 1, "fuse": 0}), True),
        ("captured < -1 pt or starts > +20 %", new(starts=15), True),
        ("captured < -1 pt and starts > +20 %", new(starts=15), False),
        ("import > +1 kWh and starts > +20 % or captured < -1 pt", new(captured=0.5), True),  # "and" binds first
        ("captured < -1 pt or import > +1 kWh and starts > +20 %", new(captured=0.5), True),
        ("captured < -1 pt and import > +1 kWh or starts > +20 %", new(captured=0.5), False),
        # what nobody knows decides nothing, where the rest does
        ("captured < -1 pt or starts > +20 %", new(captured=None, starts=15), True),
        ("captured < -1 pt and starts > +20 %", new(captured=None), False),
    ],
)
def test_when_it_holds(expression, score, holds):
    assert parse(expression).holds(OLD, score) is holds


@pytest.mark.parametrize(
    ("expression", "score"),
    [
        ("captured < -1 pt", new(captured=None)),
        ("captured < -1 pt or starts > +20 %", new(captured=None)),
        ("captured < -1 pt and starts > +20 %", new(captured=None, starts=15)),
    ],
)
def test_a_gate_that_cannot_be_decided_does_not_pass(expression, score):
    gate = parse(expression)
    assert gate.holds(OLD, score) is None
    assert "cannot be decided: nobody knows captured of this scenario;" in str(gate.undecided(OLD, score))


ERRORS = """
    it ends where a metric should stand
      |
      |^
    "strats" stands where a metric should stand; did you mean "starts"?
      |strats > +1
      |^^^^^^
    it ends where "<" or ">" should stand
      |captured
      |        ^
    "<=" stands where "<" or ">" should stand
      |captured <= -1 pt
      |         ^^
    "==" stands where "<" or ">" should stand
      |captured == -1 pt
      |         ^^
    "20" stands where a change with its sign should stand; from OLD to NEW it may grow, +20, or fall, -20
      |starts > 20 %
      |         ^^
    it ends where pt or % should stand; so a change of captured is written
      |captured < -1
      |             ^
    "kWh" stands where % or no unit should stand; so a change of starts is written
      |starts > +2 kWh
      |            ^^^
    "pt" stands where kWh or Wh or MWh or % should stand; so a change of import is written
      |import > +2 pt
      |            ^^
    "," stands where "and", "or" or the end should stand
      |captured < -1 pt, starts > +1
      |                ^
    it ends where a metric should stand
      |captured < -1 pt or
      |                   ^
    "captured" stands where "and", "or" or the end should stand
      |starts > +1 % captured < -1 pt
      |              ^^^^^^^^
    "and" stands where a change, as +20 or -1, should stand
      |starts > and
      |         ^^^
    "(" stands where a metric should stand
      |(captured < -1 pt)
      |^
    "__import__" stands where a metric should stand
      |__import__('os') > +1
      |^^^^^^^^^^
"""


def _errors():
    lines = dedent(ERRORS).strip().splitlines()
    for message, text, caret in zip(lines[::3], lines[1::3], lines[2::3], strict=True):
        yield pytest.param(text.strip().removeprefix("|"), message, caret.strip().removeprefix("|"), id=message)


@pytest.mark.parametrize(("text", "message", "caret"), list(_errors()))
def test_errors_show_where(text, message, caret):
    with pytest.raises(UsageError) as caught:
        parse(text)
    first, shown, under = str(caught.value).split("\n")
    assert first.startswith(f"--fail-on: {message}")
    assert (shown, under) == (f"  {text}", f"  {caret}")


conditions = st.sampled_from(sorted(METRICS)).flatmap(
    lambda name: st.builds(
        "{} {} {:+} {}".format,
        st.just(name),
        st.sampled_from("<>"),
        st.integers(-50, 50),
        st.sampled_from([*UNITS[METRICS[name].kind], "%"]),
    )
)


@given(st.lists(st.lists(conditions, min_size=1, max_size=3), min_size=1, max_size=3))
def test_whatever_is_written_by_the_grammar_is_read(any_of):
    gate = parse(" or ".join(" and ".join(all_of) for all_of in any_of))
    assert [[c.text.split() for c in all_of] for all_of in gate.any_of] == [
        [one.split() for one in all_of] for all_of in any_of
    ]
    for condition in gate.conditions:  # and a version that changes nothing is below every growth and above every fall
        assert condition.holds(OLD, OLD) is (condition.number < 0 if condition.above else condition.number > 0)


@given(
    st.lists(conditions, min_size=1, max_size=3),
    st.sampled_from([" and ", " or "]),
    st.integers(0, 200),
    st.sampled_from("x<>+-%(),;=@ \n\té0"),
)
def test_a_mutation_is_read_or_refused_never_worse(parts, join, at, char):
    text = join.join(parts)
    k = at % (len(text) + 1)
    for mutant in (text[:k] + char + text[k:], text[:k] + text[k + 1 :], text[:k] + char + text[k + 1 :]):
        with suppress(UsageError):
            parse(mutant).holds(OLD, OLD)
