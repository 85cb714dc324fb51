"""Policies and test files for tests of ``noonward test``, without a folder."""

from pathlib import Path
from textwrap import dedent, indent

from noonward.core.model import Appliance, Grid, Mode, Site, Stage
from noonward.policy.project import Document, Source
from noonward.policy.yaml import read
from support.crontext import timer, windows

ZURICH = "Europe/Zurich"


def document(text: str, file: str = "boiler.test.yaml") -> Document:
    tree = read(text)
    source = Source(Path(file), file, text, tuple(text.splitlines()))
    return Document(source=source, kind="policy-test/v1", data=tree.data, values=tree.values, keys=tree.keys)


def cases(text: str) -> Document:
    """Return a test file with these cases."""
    return document(
        "kind: policy-test/v1\npolicy: boiler.yaml\ncases:\n" + indent(dedent(text).strip("\n"), "  ") + "\n"
    )


def site(**grid) -> Site:
    return Site(name="house", timezone=ZURICH, grid=Grid(**grid))


def boiler(**changes) -> Appliance:
    """Return the tank of the language's own example: 3 kW, 20 min, two timers."""
    given = {
        "name": "boiler",
        "mode": Mode.AUTO_TIMER,
        "stages": (Stage(power_w=3000.0, relays=frozenset({"cellar/relay-1"})),),
        "relays": ("cellar/relay-1",),
        "on_above_w": (3000.0,),
        "off_below_w": (1500.0,),
        "min_on_s": 1200.0,
        "min_off_s": 300.0,
        "phases": (1,),
        "windows": windows(
            timer("30 22 * * *", stop="0 6 * * *", name="low tariff"), timer("0 12 * * 0", for_h=2, name="legionella")
        ),
        "file": "boiler.yaml",
        "lines": {"mode": 3, "load": 4, "surplus": 6, "timers": 7, "fail_safe": 10},
    }
    return Appliance(**{**given, **changes})


def heater_3ph(**changes) -> Appliance:
    """Return a heater on two relays: 3 kW on the first, 6 kW on both."""
    return boiler(
        stages=(
            Stage(power_w=3000.0, relays=frozenset({"cellar/relay-3"})),
            Stage(power_w=6000.0, relays=frozenset({"cellar/relay-3", "cellar/relay-4"})),
        ),
        relays=("cellar/relay-3", "cellar/relay-4"),
        on_above_w=(3000.0, 6000.0),
        off_below_w=(1500.0, 4500.0),
        mode=Mode.AUTO_SOLAR,
        windows=None,
        phases=None,
        **changes,
    )
