"""The plain parts of a decision."""

from __future__ import annotations

import pytest

from noonward.core.appliance import table_for
from noonward.core.model import Decision, Mode, Reason, ReasonCode
from support.world import appliance, decide, site


def test_a_bare_decision_says_its_code_and_nothing_else():
    d = Decision("boiler", "off", 0.0, ReasonCode.ALWAYS_OFF)
    assert (d.policy, d.wanted, d.power_w, d.row, d.line, d.wake_at) == ("boiler", "off", 0.0, -1, 0, None)
    assert d.because == (Reason(ReasonCode.ALWAYS_OFF),)
    assert repr(d) == "Decision(boiler: off, always-off)"


@pytest.mark.parametrize(
    ("code", "limited"),
    [(c, c in {ReasonCode.FUSE, ReasonCode.IMPORT_CAP, ReasonCode.DIMMED}) for c in ReasonCode],
)
def test_limited_by_names_the_envelope_only(code, limited):
    assert Decision("boiler", "off", 0.0, code).limited_by == (code if limited else None)


@pytest.mark.parametrize("mode", Mode)
def test_the_row_of_a_decision_is_the_row_of_its_table(mode):
    a = appliance(mode=mode)
    (decision,) = decide(site(a), 1_780_308_000.0).decisions
    row = table_for(a).rows[decision.row]
    assert (row.source, row.target, row.why) == ("off", decision.wanted, decision.code)
