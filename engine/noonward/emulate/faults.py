"""What real charging stations get wrong, one field each; the defaults are a station that gets everything right."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

Measurable: TypeAlias = Literal["current", "power", "energy", "voltage"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Faults:
    """How a station differs from the specification, and what it has of what the specification leaves open.

    Attributes:
        floor_a: It offers nothing below this; 0: it offers 2 A where it is told 2 A. [A]
        steps_a: It knows only these currents, and rounds down to one of them; empty: any. [A]
        units: Units of a schedule that it takes.
        max_stack: Highest stack level that it takes.
        max_periods: Most periods of a schedule that it takes.
        rejects: It rejects a profile of this purpose ("TxProfile"), kind ("Absolute"), unit ("A"), stack level
            ("stack-1") or connector ("connector-0").
        accepts_and_ignores: It accepts profiles of these purposes and does nothing; "all" for every purpose.
        ignores_connector_0: It accepts a default profile for connector 0 and does nothing.
        ignores_phases: It takes every limit in watts for one on three phases, whatever ``numberPhases`` says.
        switches_phases: It opens the contacts of the phases that ``numberPhases`` leaves out.
        resume_ignores_limit: After a pause it offers its maximum until it is told the next limit.
        suspended_evse_s: So long after it was released it still offers nothing and says SuspendedEVSE. [s]
        stuck_charging: It says Charging in the whole transaction, at 0 W too.
        silent_status: It never sends a StatusNotification.
        measures: What its meter measures.
        placeholders: It reports phases that carry nothing, as 0.
        lone_phase: It reports a single-phase current as that of phase "N".
        kilo: It reports kW and kWh.
        padded: It puts blanks around its numbers.
        stubborn_measurands: It accepts any list of measurands and sends its own.
        stubborn_interval: It accepts any sample interval and keeps its own.
        full_power_offline: While the link is away it offers its maximum.
        forgets_offline: It forgets all profiles when the link is lost.
        forgets_on_boot: It forgets all profiles when it restarts.
        reboots_offline: It restarts when the link is lost, and its transactions end.
        boots_on_reconnect: It sends BootNotification and StatusNotification whenever it connects, not only after a
            restart.
        mute_s: So long after a reconnect it says nothing by itself; it answers. [s]
        loses_backlog: What it could not send while the link was away is lost.
        boot_delay_s: It connects so long before it sends its BootNotification; None: only when asked. [s]
        unanswered: Actions that it never answers.
        refuses: Actions that it rejects, or answers with NotImplemented where they have no such answer.
        clock_off_s: Its clock is so far ahead, and nobody can set it. [s]
        junk: It sends frames that are none, after every sample of its meter.
        reuses_transaction: In 2.0.1 every transaction has the same id.
        stop_delay_s: After a remote stop its transaction ends so much later. [s]
        no_subprotocol: It offers none when it connects.
    """

    floor_a: float = 6.0
    steps_a: tuple[float, ...] = ()
    units: tuple[str, ...] = ("A", "W")
    max_stack: int = 8
    max_periods: int = 24
    rejects: tuple[str, ...] = ()
    accepts_and_ignores: tuple[str, ...] = ()
    ignores_connector_0: bool = False
    ignores_phases: bool = False
    switches_phases: bool = False
    resume_ignores_limit: bool = False
    suspended_evse_s: float = 0.0
    stuck_charging: bool = False
    silent_status: bool = False
    measures: tuple[Measurable, ...] = ("current", "power", "energy", "voltage")
    placeholders: bool = True
    lone_phase: bool = False
    kilo: bool = False
    padded: bool = False
    stubborn_measurands: bool = False
    stubborn_interval: bool = False
    full_power_offline: bool = False
    forgets_offline: bool = False
    forgets_on_boot: bool = False
    reboots_offline: bool = False
    boots_on_reconnect: bool = False
    mute_s: float = 0.0
    loses_backlog: bool = False
    boot_delay_s: float | None = 0.0
    unanswered: tuple[str, ...] = ()
    refuses: tuple[str, ...] = ()
    clock_off_s: float = 0.0
    junk: bool = False
    reuses_transaction: bool = False
    stop_delay_s: float = 0.0
    no_subprotocol: bool = False
