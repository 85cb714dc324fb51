"""The nouns of Noonward: what is configured, what is seen, what is remembered, what is decided.

Conventions, stated here once:

* **Sign**: power is positive where it is drawn. ``grid_w`` import +, export −; ``battery_w`` charging +; loads +.
  ``pv_w`` is the exception that the field agrees on: production +.
* **Instant**: a moment is a ``float``, seconds since 1970-01-01 UTC. Wall-clock time exists only in ``timers``
  and at the edges (YAML, JSON, pages). See ADR 0004.
* **Unknown is None**, never 0.
* **Units are in the names**: ``_w``, ``_a``, ``_s``, ``_wh``; shares (``soc``) are 0…1.

Everything here is frozen; an unchanged value is passed on as the same object, never rebuilt.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Any, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Callable

    from noonward.core.timers import Windows

Instant: TypeAlias = float
PolicyName: TypeAlias = str
RelayId: TypeAlias = str  # "device/channel"
Facts: TypeAlias = Mapping[str, float | str]


class Mode(StrEnum):
    """What a policy's file, or an override, asks for."""

    AUTO_SOLAR = "auto-solar"
    AUTO_TIMER = "auto-timer"
    TIMER = "timer"
    ALWAYS_ON = "always-on"
    ALWAYS_OFF = "always-off"
    MANUAL = "manual"


class FailSafe(StrEnum):
    """What a solar policy does when the grid meter is stale."""

    RELEASE = "release"
    KEEP = "keep"
    FORCE = "force"


class ReasonCode(StrEnum):
    """Why a policy is as it is; stable, read by the portal, logs, tests and the behavioural diff."""

    SURPLUS = "surplus"
    TIMER = "timer"
    ALWAYS_ON = "always-on"
    ALWAYS_OFF = "always-off"
    SWITCH_ON = "switch-on"
    SWITCH_OFF = "switch-off"
    MIN_ON = "min-on"
    MIN_OFF = "min-off"
    ON_DELAY = "on-delay"
    OFF_DELAY = "off-delay"
    TOO_LITTLE_SURPLUS = "too-little-surplus"
    OUTSIDE_WINDOW = "outside-window"
    NEED_FORCED = "need-forced"
    PLAN_WAITS = "plan-waits"
    CHARGE_NOW = "charge-now"
    DETECTING_PHASES = "detecting-phases"
    BELOW_MINIMUM = "below-minimum"
    ZONE_FULL = "zone-full"
    FUSE = "fuse"
    IMPORT_CAP = "import-cap"
    DIMMED = "dimmed"
    PREEMPTED = "preempted"
    SETTLING = "settling"
    BOOST = "boost"
    OVERRIDE = "override"
    DARK_START = "dark-start"
    ENGINE_FAULT = "engine-fault"
    METER_HELD = "meter-held"
    METER_STALE = "meter-stale"
    NO_VEHICLE = "no-vehicle"
    ASLEEP = "asleep"
    WAKING = "waking"
    SATISFIED = "satisfied"
    NOT_ANSWERING = "not-answering"
    STARTS_EXHAUSTED = "starts-exhausted"


# --- what is configured ----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """One step of an appliance's power.

    Attributes:
        power_w: Nominal power while this stage is on. [W]
        relays: The relays that are closed in this stage; every other relay of the appliance is open.
    """

    power_w: float
    relays: frozenset[RelayId]


@dataclass(frozen=True, slots=True, kw_only=True)
class Appliance:
    """One appliance policy, compiled from its file: every unit converted, every default filled in.

    Attributes:
        name: Unique in the site.
        mode: The file's mode; an override replaces it.
        priority: Smaller is served first; ties go by name.
        stages: Ascending power; stage k of the engine is ``stages[k - 1]``, stage 0 is off.
        relays: All relays, in the order of the file.
        on_above_w: For each stage, the surplus that starts it, P(k−1) + on_above·(P(k) − P(k−1)). [W]
        off_below_w: For each stage, the surplus below which it ends. [W]
        on_delay_s: How long the surplus must be enough. [s]
        off_delay_s: How long the surplus must be short. [s]
        min_on_s: From the confirmed start; ended early only by what ``policy-language`` lists. [s]
        min_off_s: From the confirmed stop. [s]
        phases: Grid phases it draws on, 1…3; None is unknown and counts in full on every phase.
        meter: "device/channel" of its own power meter, or None.
        windows: Its timers, expanded; None where it has none.
        stale_after_s: Age of the grid reading at which it is stale. [s]
        then: What auto-solar and auto-timer do then.
        behind_meter: False where the grid meter does not see this load; its draw is then never added back.
        sg_ready: The relays are SG-Ready contacts; stage changes pass through all-open.
        refused_after_s: An offer not taken for this long frees its surplus and rests; None: offers are not watched. [s]
        settle_s: After a command, no second decision on surplus until a reading this much later. [s]
        renamed_from: Its name in an earlier version of the folder.
        file: Path of its file, as given to the loader.
        lines: Line (1-based) of each top-level key in the file, for "row file:line".
        tables: Its compiled row tables by mode, remembered by ``appliance.table_for``.
    """

    name: PolicyName
    mode: Mode
    priority: int = 100
    description: str = ""
    stages: tuple[Stage, ...]
    relays: tuple[RelayId, ...]
    on_above_w: tuple[float, ...]
    off_below_w: tuple[float, ...]
    on_delay_s: float = 60.0
    off_delay_s: float = 60.0
    min_on_s: float = 900.0
    min_off_s: float = 0.0
    phases: tuple[int, ...] | None = None
    meter: str | None = None
    windows: Windows | None = None
    stale_after_s: float = 120.0
    then: FailSafe = FailSafe.RELEASE
    behind_meter: bool = True
    sg_ready: bool = False
    refused_after_s: float | None = None
    settle_s: float = 2.0
    renamed_from: PolicyName | None = None
    file: str = ""
    lines: Mapping[str, int] = field(default_factory=dict, compare=False)
    tables: dict[Mode, Any] = field(default_factory=dict, compare=False, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Zone:
    """One EV zone policy. Its shape is complete, its engine comes with the OCPP central system.

    Attributes:
        stations: Station ids, in the order of the file.
        phases: 1 or 3 as declared, None for ``auto`` (counts as 3 until detected).
        max_power_w: Most that all its vehicles together may draw. [W]
        min_current_a: Least that a vehicle is offered. [A]
        charge_now: Whether "charge now" is allowed.
        until: What ends it.
        always: Users and badges whose car starts whenever plugged in.
    """

    name: PolicyName
    mode: Mode
    priority: int = 100
    description: str = ""
    stations: tuple[str, ...]
    phases: int | None
    max_power_w: float
    min_current_a: float
    min_on_s: float = 600.0
    modulates: bool = True
    wake_after_s: float = 180.0
    on_above: float = 1.0
    off_below: float = 0.5
    on_delay_s: float = 60.0
    off_delay_s: float = 60.0
    charge_now: bool = True
    until: str = "unplugged"
    always: tuple[str, ...] = ()
    windows: Windows | None = None
    stale_after_s: float = 120.0
    then: FailSafe = FailSafe.RELEASE
    renamed_from: PolicyName | None = None
    file: str = ""
    lines: Mapping[str, int] = field(default_factory=dict, compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Grid:
    """The connection to the grid.

    Attributes:
        phases: 1 or 3.
        fuse_a: Per phase; None is not declared, and nothing is limited by it. [A]
        import_cap_w: Most that the site may import; None: no cap. [W]
        unmeasured_a: What loads that nobody measures are taken to draw per phase while the meter cannot say. Default
            half the fuse. [A]
        every_s: How often its meter is read. [s]
        lag_s: How much later than the truth its meter reports. [s]
        voltage_v: Phase to neutral. [V]
    """

    phases: int = 3
    fuse_a: float | None = None
    import_cap_w: float | None = None
    unmeasured_a: float | None = None
    every_s: float = 5.0
    lag_s: float = 0.0
    voltage_v: float = 230.0


@dataclass(frozen=True, slots=True, kw_only=True)
class BatteryRule:
    """Where a home battery stands among the policies (``battery.serve: after``).

    Attributes:
        priority: Policies with a smaller priority are served before the battery charges.
        reserve_w: What the battery keeps for itself out of its charging power. [W]
        min_soc: Below this state of charge the battery comes first all the same. [0…1]
    """

    priority: int
    reserve_w: float = 0.0
    min_soc: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class RelayInfo:
    """What the engine must know of a relay.

    Attributes:
        dead_man_s: Lease that the module itself enforces: it opens this long after the last command. None: it never
            lets go by itself. [s]
    """

    dead_man_s: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """A building: everything that ``step`` needs to know and that does not change between two reloads.

    Attributes:
        name: From site.yaml.
        timezone: IANA name; timers and "today" live in it.
        appliances: In order of priority, then name.
        zones: In order of priority, then name.
        relays: What is known of each relay that a policy uses.
        dim_cap_w: Power that all controlled loads together may draw while the dimming input is active. [W]
        pv_peak_w: Declared peak of the array, for checks. [W]
        stagger_s: After a power cut each policy waits a part of this, drawn from its name. [s]
        digest: Content hash of the files it was compiled from.
    """

    name: str = "site"
    timezone: str = "UTC"
    grid: Grid = Grid()
    battery: BatteryRule | None = None
    appliances: tuple[Appliance, ...] = ()
    zones: tuple[Zone, ...] = ()
    relays: Mapping[RelayId, RelayInfo] = field(default_factory=dict)
    dim_cap_w: float | None = None
    pv_peak_w: float | None = None
    stagger_s: float = 60.0
    digest: str = ""


# --- what is seen ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Reading:
    """A number and when it was true.

    Attributes:
        value: In the unit that the field holding it names.
        at: When it was measured; age is computed from now, never stored.
    """

    value: float
    at: Instant


@dataclass(frozen=True, slots=True)
class RelayState:
    """What a relay reported when it was read back.

    Attributes:
        closed: The contact, None when the device does not say.
        at: When it was read.
    """

    closed: bool | None
    at: Instant


@dataclass(frozen=True, slots=True, kw_only=True)
class Override:
    """Someone's wish that replaces the mode of a policy's file.

    Attributes:
        mode: In force until ``until``; None there lasts until it is cleared.
        by: Who set it.
        reason: What they said.
    """

    mode: Mode
    until: Instant | None = None
    by: str = ""
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Inputs:
    """What people set for one policy. Kept by the state store, handed in with every observation.

    Attributes:
        switch_on: The portal's switch, for mode manual; the first position is off.
        boost_until: "Hot water now": on until then.
        override: Replaces the mode.
    """

    switch_on: bool = False
    boost_until: Instant | None = None
    override: Override | None = None


NO_INPUTS = Inputs()


@dataclass(frozen=True, slots=True, kw_only=True)
class Observation:
    """Everything the engine sees in one step.

    Attributes:
        grid_w: Import +, export −; from the grid meter. [W]
        pv_w: Production +. [W]
        battery_w: Charging +. [W]
        battery_soc: State of charge. [0…1]
        grid_a: Per phase, import +; empty or None where the meter does not say. [A]
        draws_w: A policy's own measured draw. [W]
        relays: Read-back of each relay; a missing one has never answered.
        inputs: What people set.
        dim: True while the dimming input is active or broken.
        clock_trusted: False until the wall clock is known good; windows then count as closed.
        power_back_at: When the building's power came back, if the gateway has just restarted after a power cut.
        started_at: When the engine started; a meter that has not yet answered is held, not stale, for a while after.
    """

    grid_w: Reading | None = None
    pv_w: Reading | None = None
    battery_w: Reading | None = None
    battery_soc: Reading | None = None
    grid_a: tuple[Reading | None, ...] = ()
    draws_w: Mapping[PolicyName, Reading] = field(default_factory=dict)
    relays: Mapping[RelayId, RelayState] = field(default_factory=dict)
    inputs: Mapping[PolicyName, Inputs] = field(default_factory=dict)
    dim: bool = False
    clock_trusted: bool = True
    power_back_at: Instant | None = None
    started_at: Instant | None = None


# --- what is remembered ----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class MachineState:
    """What the engine remembers of one policy; small and JSON-able.

    Attributes:
        state: State of the row table: "off", "on", or "stage-2" … of a staged appliance.
        changed_at: When ``state`` was last changed (commanded).
        before_w: Nominal power before that change. [W]
        cause: What the present run is due to; its hysteresis belongs to it. None while off.
        on_since: When the running contact was confirmed; min-on counts from here. None: not (yet) confirmed.
        off_since: When the open contact was confirmed; min-off counts from here. 0: longer ago than anyone remembers.
        enough_since: Since when the surplus covers the next stage.
        short_since: Since when the surplus does not carry the present stage.
        lost: The device let go while the gateway was away; a manual restart then need not wait for min-off.
        refused_since: Since when the offered power is not taken; with ``rest_until`` for SG-Ready offers.
        rest_until: No new offer before then.
        starts: How often it left off, ever.
    """

    state: str = "off"
    changed_at: Instant = 0.0
    before_w: float = 0.0
    cause: ReasonCode | None = None
    on_since: Instant | None = None
    off_since: Instant | None = 0.0
    enough_since: Instant | None = None
    short_since: Instant | None = None
    lost: bool = False
    refused_since: Instant | None = None
    rest_until: Instant | None = None
    starts: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Lease:
    """The last command given to a relay.

    Attributes:
        closed: What was commanded.
        at: When; a module with a dead-man is refreshed a third of its time later.
    """

    closed: bool
    at: Instant


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    """Everything the engine remembers between two steps."""

    version: int = 1
    machines: Mapping[PolicyName, MachineState] = field(default_factory=dict)
    leases: Mapping[RelayId, Lease] = field(default_factory=dict)


# --- what is decided -------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class SetRelay:
    """Set a contact: absolute, idempotent, and a lease.

    Attributes:
        relay: "device/channel".
        closed: The contact.
        valid_for_s: The device is to open by itself after this long; None where it has no dead-man. [s]
    """

    relay: RelayId
    closed: bool
    valid_for_s: float | None = None


Command: TypeAlias = SetRelay


@dataclass(frozen=True, slots=True)
class Reason:
    """A stable code and the numbers that led to it."""

    code: ReasonCode
    facts: Facts = field(default_factory=dict)


ENVELOPE = frozenset({ReasonCode.FUSE, ReasonCode.IMPORT_CAP, ReasonCode.DIMMED})
"""Reasons that come from the safety envelope and not from a policy."""


class Decision:
    """What was decided for one policy in one step, and why.

    Building the reasons costs more than deciding, and most decisions are never looked at, so ``because`` is made from
    the step's own situation when it is asked for.

    Attributes:
        policy: Its name.
        wanted: State of its machine after the step: "off", "on", "stage-2", "recommended" …
        power_w: Nominal power of that state. [W]
        code: The leading reason.
        row: Index of the row in the compiled table (``noonward.core.table``), -1 where no row stands behind it.
        line: Line in the policy's file that the row comes from, 0 if unknown.
        wake_at: Next moment at which time alone can change this policy; None: never.
    """

    __slots__ = ("_because", "code", "line", "policy", "power_w", "row", "wake_at", "wanted")

    def __init__(
        self,
        policy: PolicyName,
        wanted: str,
        power_w: float,
        code: ReasonCode,
        row: int = -1,
        line: int = 0,
        wake_at: Instant | None = None,
        because: Callable[[], tuple[Reason, ...]] | None = None,
    ) -> None:
        self.policy = policy
        self.wanted = wanted
        self.power_w = power_w
        self.code = code
        self.row = row
        self.line = line
        self.wake_at = wake_at
        self._because = because

    @property
    def because(self) -> tuple[Reason, ...]:
        """The reasons, leading one first, each with the numbers that were compared."""
        return (Reason(self.code),) if self._because is None else self._because()

    @property
    def limited_by(self) -> ReasonCode | None:
        """The envelope's reason where it, and not the policy, set the level."""
        return self.code if self.code in ENVELOPE else None

    def __repr__(self) -> str:
        return f"Decision({self.policy}: {self.wanted}, {self.code.value})"


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """Result of one step.

    Attributes:
        state: The same object as before where nothing changed.
        commands: In the order in which they must be sent: what opens first.
        decisions: One for every policy, in order of priority.
        wake_at: Next moment at which time alone can change the outcome; None: never.
    """

    state: State
    commands: tuple[Command, ...]
    decisions: Sequence[Decision]
    wake_at: Instant | None
