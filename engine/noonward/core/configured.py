"""What is configured: a building and its policies, compiled, with every unit converted and every default filled in."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from noonward.core.units import current_a
from noonward.core.words import FailSafe, Mode, Pace, PolicyName, RelayId

if TYPE_CHECKING:
    from collections.abc import Mapping

    from noonward.core.needs import Requirement
    from noonward.core.stations import StationId
    from noonward.core.timers import Windows


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
        need: What it must have by when; None: nothing is ever forced.
        plan: How it waits for better sun while its need is open; None: it does not, its thresholds stand.
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
        rises: Of each stage, the power below it and how much more it draws. [W]
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
    need: Requirement | None = None
    plan: Pace | None = None
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
    rises: tuple[tuple[float, float], ...] = field(init=False, compare=False, repr=False)

    def __post_init__(self) -> None:
        """Work out how much each stage draws more than the one below."""
        powers = (0.0, *(stage.power_w for stage in self.stages))
        object.__setattr__(self, "rises", tuple((low, high - low) for low, high in pairwise(powers)))


@dataclass(frozen=True, slots=True, kw_only=True)
class Zone:
    """One EV zone policy: a group of charging stations with one set of parameters.

    Attributes:
        name: Unique in the site.
        mode: The file's mode; an override replaces it.
        priority: Smaller is served first; ties go by name.
        stations: Station ids, in the order of the file.
        phases: 1 or 3 as declared, None for ``auto`` (counts as 3 until detected).
        max_power_w: Most that all its vehicles together may draw. [W]
        min_current_a: Least that a vehicle is offered. [A]
        start_current_a: Least that makes a vehicle start, where that is more than holds it; 0: no more. [A]
        min_on_s: Shortest charge of a vehicle, from its first confirmed current. [s]
        modulates: False: a station is on at its nominal current, or off.
        wake_after_s: A vehicle that drew nothing for this long although offered current is asleep. [s]
        on_above: Share of the next vehicle's minimum power that starts it.
        off_below: Share of the last vehicle's minimum power below which it pauses.
        on_delay_s: How long the surplus must be enough. [s]
        off_delay_s: How long the surplus must be short. [s]
        charge_now: Whether drivers may ask for "charge now".
        charge_now_s: It ends after this long; None: it lasts until the vehicle is unplugged. [s]
        charge_now_wh: It ends after this much; None: no such bound. [Wh]
        always: Badges whose vehicle charges at once whenever it is plugged in, in upper case.
        windows: Its timers, expanded; None where it has none.
        need: What it must have by when; None: nothing is ever forced.
        plan: How it waits for better sun while its need is open; None: it does not, its thresholds stand.
        stale_after_s: Age of the grid reading at which it is stale. [s]
        then: What auto-solar and auto-timer do then.
        renamed_from: Its name in an earlier version of the folder.
        file: Path of its file, as given to the loader.
        lines: Line (1-based) of each top-level key in the file, for "row file:line".
        tables: Its compiled row tables by mode, remembered by ``zone.table_for``.
    """

    name: PolicyName
    mode: Mode
    priority: int = 100
    description: str = ""
    stations: tuple[StationId, ...]
    phases: int | None
    max_power_w: float
    min_current_a: float
    start_current_a: float = 0.0
    min_on_s: float = 900.0
    modulates: bool = True
    wake_after_s: float = 180.0
    on_above: float = 1.0
    off_below: float = 0.5
    on_delay_s: float = 60.0
    off_delay_s: float = 60.0
    charge_now: bool = True
    charge_now_s: float | None = None
    charge_now_wh: float | None = None
    always: tuple[str, ...] = ()
    windows: Windows | None = None
    need: Requirement | None = None
    plan: Pace | None = None
    stale_after_s: float = 120.0
    then: FailSafe = FailSafe.RELEASE
    renamed_from: PolicyName | None = None
    file: str = ""
    lines: Mapping[str, int] = field(default_factory=dict, compare=False)
    tables: dict[Mode, Any] = field(default_factory=dict, compare=False, repr=False)


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
        unbalance_a: By how much the charging stations may load one phase more than another; None: no limit. A grid
            code such as VDE-AR-N 4100 allows 4.6 kVA, 20 A. [A]
    """

    phases: int = 3
    fuse_a: float | None = None
    import_cap_w: float | None = None
    unmeasured_a: float | None = None
    every_s: float = 5.0
    lag_s: float = 0.0
    voltage_v: float = 230.0
    unbalance_a: float | None = None


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
class StationInfo:
    """What the engine must know of a charging station.

    Attributes:
        max_a: Most that station, fuse and cable allow on each phase. [A]
        step_a: What its limit is a multiple of. [A]
        safe_a: What it falls back to by itself when nobody renews its limit; 0 pauses. [A]
        offline_a: What its model is known to fall to instead once its link is lost; None: what it was told. [A]
        window_s: How long a limit stands before it does: the lease. [s]
        phases: How many it is wired to.
        lines: Grid phase (1…3) behind its L1, L2, L3; empty where nobody declared the rotation, and then what uses
            fewer phases than it has counts in full on every phase.
    """

    max_a: float = 32.0
    step_a: float = 1.0
    safe_a: float = 6.0
    offline_a: float | None = None
    window_s: float = 600.0
    phases: int = 3
    lines: tuple[int, ...] = ()

    @property
    def left_alone_a(self) -> float:
        """What it may draw while the gateway is away for long. [A]."""
        return self.safe_a if self.offline_a is None else self.offline_a


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """A building: everything that ``step`` needs to know and that does not change between two reloads.

    Attributes:
        name: From site.yaml.
        timezone: IANA name; timers and "today" live in it.
        appliances: In order of priority, then name.
        zones: In order of priority, then name.
        relays: What is known of each relay that a policy uses.
        stations: What is known of each station that a zone uses.
        dim_cap_w: Power that all controlled loads together may draw while the dimming input is active. [W]
        pv_peak_w: Declared peak of the array, for checks. [W]
        stagger_s: After a power cut each policy waits a part of this, drawn from its name. [s]
        digest: Content hash of the files it was compiled from.
        policies: Appliances and zones in order of priority, then name: the order in which they are decided.
        learns: Whether a policy has a need, so that the site's days are worth remembering.
        a_per_w: Of each grid phase, what a watt of each policy uses of it; 0 for a zone, which says so itself. [A/W]
    """

    name: str = "site"
    timezone: str = "UTC"
    grid: Grid = Grid()
    battery: BatteryRule | None = None
    appliances: tuple[Appliance, ...] = ()
    zones: tuple[Zone, ...] = ()
    relays: Mapping[RelayId, RelayInfo] = field(default_factory=dict)
    stations: Mapping[StationId, StationInfo] = field(default_factory=dict)
    dim_cap_w: float | None = None
    pv_peak_w: float | None = None
    stagger_s: float = 60.0
    digest: str = ""
    policies: tuple[Appliance | Zone, ...] = field(init=False, compare=False, repr=False)
    learns: bool = field(init=False, compare=False, repr=False)
    a_per_w: tuple[tuple[float, ...], ...] = field(init=False, compare=False, repr=False)

    def __post_init__(self) -> None:
        """Put appliances and zones in one order, and see whether any has a need, and what each uses of a phase."""
        both: tuple[Appliance | Zone, ...] = (*self.appliances, *self.zones)
        if self.zones:
            both = tuple(sorted(both, key=lambda p: (p.priority, p.name)))
        object.__setattr__(self, "policies", both)
        object.__setattr__(self, "learns", any(policy.need is not None for policy in both))
        phases = range(1, self.grid.phases + 1)
        object.__setattr__(
            self, "a_per_w", tuple(tuple(_a_per_w(policy, phase, self.grid) for policy in both) for phase in phases)
        )


def _a_per_w(policy: Appliance | Zone, phase: int, grid: Grid) -> float:
    """Return what a watt of a policy uses of a phase; phases that are not declared count in full on each. [A/W]."""
    if isinstance(policy, Zone):
        return 0.0
    if policy.phases is None:
        return current_a(1.0, 1, grid.voltage_v)
    return current_a(1.0, len(policy.phases), grid.voltage_v) if phase in policy.phases else 0.0
