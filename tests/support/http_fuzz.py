"""What schemathesis must know of a running gateway: names that are there, and moments that are still to come.

Loaded by schemathesis itself (``SCHEMATHESIS_HOOKS``), in a process of its own. The formats are those of
``openapi.json``: a schema can say what a moment looks like, but not that it must lie in the future.

Every request comes from an address of its own, as from a crowd: the gateway paces each address, and would be found to
answer nothing but 429.
"""

import os
import random
from datetime import UTC, datetime, timedelta

import schemathesis
import urllib3.connection
from hypothesis import strategies as st

OWN_KEY = os.environ["NOONWARD_FUZZ_KEY"]
"""Of the token that the run itself goes by: it must outlive the run."""
ANY = random.SystemRandom()
"""Not the shared generator, which Hypothesis winds back for every example."""
NOW = datetime.now(UTC)
OFFSETS = st.sampled_from(["Z", "+02:00", ""])
PEAK_W = 8000.0
DURATIONS = st.builds("{} {}".format, st.integers(1, 500), st.sampled_from(["s", "min"]))


def between(first, last):
    """Return ISO 8601 moments so many days from now."""
    minutes = st.integers(int(first * 1440), int(last * 1440))
    return st.builds(lambda m, z: f"{(NOW + timedelta(minutes=m)):%Y-%m-%dT%H:%M:%S}{z}", minutes, OFFSETS)


FORMATS = {
    "policy-name": st.sampled_from(os.environ["NOONWARD_FUZZ_POLICIES"].split()),
    "station-id": st.sampled_from(os.environ["NOONWARD_FUZZ_STATIONS"].split()),
    "entity-tag": st.just("*"),
    "duration-of-a-boost": st.builds("{} min".format, st.integers(0, 1440)),
    "duration-of-a-test": st.builds("{} s".format, st.integers(0, 300)),
    "moment": DURATIONS | between(1, 300),
    "end-of-charging": DURATIONS
    | between(1, 300)
    | st.just("unplugged")
    | st.builds("{} kWh".format, st.integers(1, 1000)),
    "moment-of-a-calendar": between(-3000, 3000) | st.dates(NOW.date(), NOW.date() + timedelta(3000)).map(str),
    "begin-of-a-span": between(-300, -2),
    "end-of-a-span": between(1, 300),
    "start-of-a-forecast": between(0.5, 10),
    "address-of-a-log": st.just("ftp://logs.invalid/"),
    "signals": st.sampled_from(["pv_w", "pv_w,grid_w", "policy/pump", "on/pump,station/cp-01"]),
    "name-of-a-person": st.from_regex(r"[a-z]\w{0,20}([-_.@]\w{1,10}){0,2}", fullmatch=True),
    "password-to-be": st.from_regex(r"[a-z]{4}-[A-Z]{4}-[0-9]{3}x", fullmatch=True),
    "printable": st.text(st.characters(categories=["L", "N"]), min_size=1, max_size=64),
    "end-of-a-token": st.builds("{} d".format, st.integers(1, 365)),
}
for name, values in FORMATS.items():
    schemathesis.openapi.format(name, values)


@schemathesis.hook
def before_call(context, case, kwargs):
    """Ask for a connection of its own, and so for an address of its own; leave the run's own token alone."""
    case.headers = {**(case.headers or {}), "Connection": "close"}
    if (case.path_parameters or {}).get("key") == OWN_KEY:
        case.path_parameters["key"] = "another"
    powers = case.body.get("pv_w") if isinstance(case.body, dict) and case.path.endswith("/forecast") else None
    if isinstance(powers, list) and all(type(one) in {int, float} for one in powers):
        case.body["pv_w"] = [min(one, PEAK_W) for one in powers]  # no schema knows what the site's array can give
    asked = case.query or {}
    if case.path.endswith("/history") and {"from", "to", "every"} <= asked.keys() and str(asked["every"]).isdecimal():
        asked["every"] = max(int(asked["every"]), 86_400)  # no schema knows how many steps a span may have


def from_a_crowd(address, *given, create=urllib3.connection.connection.create_connection, **more):
    """Connect from any of the addresses of this machine's loopback."""
    place = f"127.{ANY.randint(0, 255)}.{ANY.randint(0, 255)}.{ANY.randint(2, 254)}"
    return create(address, *given, **{**more, "source_address": (place, 0)})


urllib3.connection.connection.create_connection = from_a_crowd
