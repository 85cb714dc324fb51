"""``state.db``: what the engine and the people who use it want remembered, durable before anything is switched.

SQLite in WAL mode with ``synchronous=FULL``: one commit costs about 15 kB of flash and survives a power cut. So it is
committed when a machine moves, a command goes out, a contact is confirmed, a vehicle leaves or someone sets something;
delays, refreshed leases and what was learnt (``learnt``) wait for the quarter of an hour, or for the stop. A file that
cannot be read is moved aside, never repaired and never deleted: the engine then starts as if new, and says so.

Everything here runs in one thread of its own; nothing waits for flash in the event loop.
"""

from __future__ import annotations

import json
import sqlite3
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from noonward.core.model import Forecast, State
from noonward.daemon import learnt
from noonward.daemon.lasting import lasting, lasting_station, lasting_zone, moved
from noonward.durable import move_aside, prepare
from noonward.errors import StateError
from noonward.record import decode_inputs, decode_state, encode_inputs, encode_memory

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

    from noonward.core.model import (
        Inputs,
        Instant,
        MachineState,
        PolicyName,
        RelayId,
        RelayState,
        StationState,
        ZoneState,
    )

    Memories = Mapping[str, MachineState] | Mapping[str, ZoneState] | Mapping[str, StationState]

SCHEMA = 1
"""Raised whenever an older engine could no longer read the tables."""

_NOT_ITS_FAULT = ("SQLITE_BUSY", "SQLITE_LOCKED", "SQLITE_CANTOPEN", "SQLITE_FULL", "SQLITE_READONLY", "SQLITE_PERM")
"""Errors that say nothing against what is in the file."""

_TABLES = """
CREATE TABLE IF NOT EXISTS machines (policy TEXT PRIMARY KEY, memory TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS leases (relay TEXT PRIMARY KEY, closed INTEGER NOT NULL, at REAL NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS contacts (relay TEXT PRIMARY KEY, closed INTEGER, at REAL NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS zones (policy TEXT PRIMARY KEY, memory TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS stations (station TEXT PRIMARY KEY, memory TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS inputs (policy TEXT PRIMARY KEY, wish TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS forecast (at REAL, start REAL, step_s REAL, pv_w TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS device_memory (device TEXT, key TEXT, value TEXT NOT NULL, PRIMARY KEY (device, key))
                                          WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS stamp (one INTEGER PRIMARY KEY CHECK (one = 1), at REAL, monotonic_s REAL, boot_id TEXT,
                                  site TEXT);
"""

_KEYS = {"machines": "policy", "zones": "policy", "stations": "station", "leases": "relay", "contacts": "relay"}
"""Table to the column that names its rows."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stamp:
    """When something was saved.

    Attributes:
        at: By the wall clock.
        monotonic_s: By the clock that never jumps; comparable within one boot only. [s]
        boot_id: Which boot that was.
        site: Name of the site it belongs to.
    """

    at: Instant
    monotonic_s: float
    boot_id: str
    site: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Saved:
    """What was found at start.

    Attributes:
        state: What the engine remembered; fresh where there was none.
        inputs: What people set.
        stamp: When it was saved; None where nothing was.
        aside: Where a file that could not be read was moved to, and why; None normally.
        forecast: What somebody gave, over or not.
        lost: Kind and name of what was learnt and cannot be read any more.
    """

    state: State = field(default_factory=State)
    inputs: Mapping[PolicyName, Inputs] = field(default_factory=dict)
    stamp: Stamp | None = None
    aside: str | None = None
    forecast: Forecast | None = None
    lost: Sequence[tuple[str, str]] = ()


class StateStore:
    """The file. Not for sharing: one thread, and one process a folder (see ``instance``)."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._db: sqlite3.Connection | None = None
        self._kept = State()
        self._learnt = learnt.NONE
        self._contacts: dict[RelayId, bool | None] = {}
        self._memories: dict[str, dict[str, str]] = {}

    def open(self, site: str, now: Instant) -> Saved:
        """Return what was saved for this site; move the file aside if it cannot be read or belongs to another.

        Args:
            site: Name of the site.
            now: Goes into the name of a file moved aside.

        Raises:
            StateError: Nothing can be kept in that folder at all.
        """
        try:
            return self._read(site)
        except (sqlite3.DatabaseError, ValueError, KeyError, TypeError) as error:
            if getattr(error, "sqlite_errorname", "").startswith(_NOT_ITS_FAULT):
                raise StateError(
                    f"{self.path}: {error}; check its owner, free space, and who else has it open"
                ) from None
            place = move_aside(self.path, f"{now:.0f}")
            saved = self._read(site)
            return Saved(state=saved.state, inputs=saved.inputs, aside=f"{error}; kept as {place}")

    def pending(self, state: State, contacts: Mapping[RelayId, RelayState]) -> bool:
        """Return True where something changed that a power cut must not take."""
        kept = self._kept
        return (
            moved(state.machines, kept.machines, lasting)
            or moved(state.zones, kept.zones, lasting_zone)
            or moved(state.stations, kept.stations, lasting_station)
            or state.leases.keys() != kept.leases.keys()
            or any(lease.closed != kept.leases[relay].closed for relay, lease in state.leases.items())
            or any(seen.closed != self._contacts.get(relay, ...) for relay, seen in contacts.items())
            or self._left(state)
        )

    def save(self, state: State, contacts: Mapping[RelayId, RelayState], stamp: Stamp, *, whole: bool = True) -> None:
        """Make state and confirmed contacts durable before returning.

        Args:
            state: What the engine remembers.
            contacts: What the relays reported.
            stamp: When.
            whole: With all that was learnt.

        Raises:
            StateError: They are not durable.
        """
        kept = self._kept
        now = learnt.rows(state, None if whole else self._learnt)
        with self._commit() as db:
            _replace(db, "machines", kept.machines, state.machines)
            _replace(db, "zones", kept.zones, state.zones)
            _replace(db, "stations", kept.stations, state.stations)
            learnt.write(db, self._learnt, now)
            _delete(db, "leases", kept.leases.keys() - state.leases.keys())
            _delete(db, "contacts", self._contacts.keys() - contacts.keys())
            db.executemany(
                "INSERT OR REPLACE INTO leases VALUES (?, ?, ?)",
                [
                    (relay, lease.closed, lease.at)
                    for relay, lease in state.leases.items()
                    if lease is not kept.leases.get(relay)
                ],
            )
            db.executemany(
                "INSERT OR REPLACE INTO contacts VALUES (?, ?, ?)",
                [
                    (relay, seen.closed, seen.at)
                    for relay, seen in contacts.items()
                    if seen.closed != self._contacts.get(relay, ...)
                ],
            )
            db.execute(
                "INSERT OR REPLACE INTO stamp VALUES (1, ?, ?, ?, ?)",
                (stamp.at, stamp.monotonic_s, stamp.boot_id, stamp.site),
            )
        self._kept, self._learnt = state, now
        self._contacts = {relay: seen.closed for relay, seen in contacts.items()}

    def save_inputs(self, inputs: Mapping[PolicyName, Inputs]) -> None:
        """Make everything that people set durable before returning.

        Raises:
            StateError: It is not durable.
        """
        with self._commit() as db:
            db.execute("DELETE FROM inputs")
            db.executemany(
                "INSERT INTO inputs VALUES (?, ?)",
                [(policy, json.dumps(encode_inputs(wish))) for policy, wish in inputs.items()],
            )

    def save_forecast(self, forecast: Forecast | None) -> None:
        """Make a forecast, or that there is none, durable before returning.

        Raises:
            StateError: It is not durable.
        """
        with self._commit() as db:
            db.execute("DELETE FROM forecast")
            if forecast is not None:
                row = (forecast.at, forecast.start, forecast.step_s, json.dumps(forecast.pv_w))
                db.execute("INSERT INTO forecast VALUES (?, ?, ?, ?)", row)

    def memory(self, device: str) -> Mapping[str, str]:
        """Return what a device keeps: key to JSON. From any thread."""
        return dict(self._memories.get(device, {}))

    def remember(self, changes: Iterable[tuple[str, Mapping[str, str | None]]]) -> None:
        """Keep these values of devices, in their order and all or none, durable before returning; None removes a key.

        Raises:
            StateError: They are not durable.
        """
        rows = [(device, key, value) for device, changed in changes for key, value in changed.items()]
        with self._commit() as db:
            for device, key, value in rows:
                if value is None:
                    db.execute("DELETE FROM device_memory WHERE device = ? AND key = ?", (device, key))
                else:
                    db.execute("INSERT OR REPLACE INTO device_memory VALUES (?, ?, ?)", (device, key, value))
        for device, key, value in rows:
            memory = self._memories.setdefault(device, {})
            if value is None:
                memory.pop(key, None)
            else:
                memory[key] = value

    def _left(self, state: State) -> bool:
        """Tell whether a vehicle has left since the last time."""
        return state.stays is not self._kept.stays and state.stays != self._kept.stays

    def close(self) -> None:
        """Let go of the file."""
        if self._db is not None:
            self._db.close()
            self._db = None

    def _read(self, site: str) -> Saved:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        db = sqlite3.connect(self.path, isolation_level=None, check_same_thread=False)
        try:
            saved = _read(db, site)
        except BaseException:
            db.close()
            raise
        self._db = db
        self._kept, self._learnt = saved.state, learnt.kept(saved.state, saved.lost)
        self._contacts = dict(db.execute("SELECT relay, closed FROM contacts"))
        self._memories = {}
        for device, key, value in db.execute("SELECT device, key, value FROM device_memory"):
            self._memories.setdefault(device, {})[key] = value
        return saved

    @contextmanager
    def _commit(self) -> Iterator[sqlite3.Connection]:
        if self._db is None:
            raise StateError(f"{self.path} is not open")
        try:
            self._db.execute("BEGIN IMMEDIATE")
            yield self._db
            self._db.execute("COMMIT")
        except sqlite3.Error as error:
            if self._db.in_transaction:
                self._db.execute("ROLLBACK")
            raise StateError(f"{self.path}: {error}") from error


def _read(db: sqlite3.Connection, site: str) -> Saved:
    prepare(db, _TABLES + learnt.TABLES, SCHEMA)
    stamp = next(
        (Stamp(at=a, monotonic_s=m, boot_id=b, site=s) for _, a, m, b, s in db.execute("SELECT * FROM stamp")), None
    )
    if stamp is not None and stamp.site != site:
        raise sqlite3.DatabaseError(f"it belongs to site {stamp.site!r}, this is {site!r}")
    machines, zones, stations, inputs = (
        {name: json.loads(text) for name, text in db.execute(f"SELECT * FROM {table}")}  # noqa: S608 - our own names
        for table in ("machines", "zones", "stations", "inputs")
    )
    leases = {relay: [bool(closed), at] for relay, closed, at in db.execute("SELECT * FROM leases")}
    state = decode_state({"version": 1, "machines": machines, "leases": leases, "zones": zones, "stations": stations})
    state, lost = learnt.read(db, state, 0.0 if stamp is None else stamp.at)
    wishes = {policy: decode_inputs(wish) for policy, wish in inputs.items()}
    forecast = None
    for at, start, step_s, powers in db.execute("SELECT at, start, step_s, pv_w FROM forecast"):
        try:
            forecast = Forecast(at=at, start=start, step_s=step_s, pv_w=tuple(map(float, json.loads(powers))))
        except (ValueError, TypeError):
            lost.append(("forecast", "from outside"))
    return Saved(state=state, inputs=wishes, stamp=stamp, forecast=forecast, lost=lost)


def _replace(db: sqlite3.Connection, table: str, kept: Memories, now: Memories) -> None:
    """Make a table of memories say what is remembered now, writing only what is not the same object as before."""
    _delete(db, table, kept.keys() - now.keys())
    db.executemany(
        f"INSERT OR REPLACE INTO {table} VALUES (?, ?)",  # noqa: S608 - our own names
        [(name, json.dumps(encode_memory(one))) for name, one in now.items() if one is not kept.get(name)],
    )


def _delete(db: sqlite3.Connection, table: str, gone: Iterable[str]) -> None:
    key = _KEYS[table]
    db.executemany(f"DELETE FROM {table} WHERE {key} = ?", [(name,) for name in gone])  # noqa: S608 - our own names
