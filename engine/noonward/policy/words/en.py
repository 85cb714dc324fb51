"""Every word that people are told, in English: the table that the other languages are held to.

``SENTENCES`` has, for every reason code, a few templates, the richest first. A template is used when the reason
carries every fact it names; the last one names none. ``SCARCE`` goes first where a plan waits for nothing better: any
sun at all starts it. ``PHRASES`` is all the rest, by a name that says where it is used.

``{until:at|on}`` is a moment with its preposition: the first before a time of day, the second before a weekday or a
date. A translation names the same facts as the English template in its place.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from noonward.core.model import ReasonCode

if TYPE_CHECKING:
    from collections.abc import Mapping

SENTENCES: Mapping[ReasonCode, tuple[str, ...]] = {
    ReasonCode.SURPLUS: (
        "On: the surplus covers {covers}, it goes on down to {stops_below}, and needs {missing_wh} by {by}.",
        "On: the surplus of {surplus_w} carries {vehicles} of the zone's vehicles.",
        "On: {surplus_w} of surplus is left for it, and it goes on down to {off_below_w}.",
        "On: {surplus_w} of surplus is left for it.",
        "On: enough surplus is left for it.",
    ),
    ReasonCode.TIMER: (
        "On: its window “{window}” is open until {until}.",
        "On: its window “{window}” is open.",
        "On: one of its windows is open.",
    ),
    ReasonCode.ALWAYS_ON: ("On: its mode is always-on.",),
    ReasonCode.ALWAYS_OFF: ("Off: its mode is always-off.",),
    ReasonCode.SWITCH_ON: ("On: somebody switched it on.",),
    ReasonCode.SWITCH_OFF: ("Off: its switch is off.",),
    ReasonCode.MIN_ON: (
        "On: once started it stays on for at least {min_on_s}, until {until}.",
        "On: once started it stays on for at least {min_on_s}.",
        "On: its minimum on-time is not over yet.",
    ),
    ReasonCode.MIN_OFF: (
        "Waiting: once stopped it stays off for at least {min_off_s}, until {until}.",
        "Waiting: once stopped it stays off for at least {min_off_s}.",
        "Waiting: its minimum off-time is not over yet.",
    ),
    ReasonCode.ON_DELAY: (
        "Waiting: {surplus_w} is left and {on_above_w} is enough; it starts at {until} if that lasts.",
        "Waiting: {surplus_w} is left, which is enough; a vehicle starts at {until} if that lasts.",
        "Waiting: enough surplus is left; it starts at {until} if that lasts.",
        "Waiting: enough surplus is left; it starts if that lasts.",
    ),
    ReasonCode.OFF_DELAY: (
        "On for now: {surplus_w} is left, less than {off_below_w}; it stops at {until} unless the surplus comes back.",
        "On for now: {surplus_w} is left, too little for all that charge; one pauses at {until} unless it comes back.",
        "On for now: too little surplus is left; it stops at {until} unless it comes back.",
        "On for now: too little surplus is left; it stops unless it comes back.",
    ),
    ReasonCode.TOO_LITTLE_SURPLUS: (
        "The surplus covers {covers}; its plan starts it at {starts_at}, and a run goes on down to {stops_below}.",
        "Surplus left for it: {surplus_w}; a run that surplus started goes on down to {off_below_w}.",
        "Waiting: {surplus_w} is left for it, and it starts at {on_above_w}.",
        "Waiting: {surplus_w} is left, too little for one vehicle more.",
        "Waiting: too little surplus is left.",
    ),
    ReasonCode.OUTSIDE_WINDOW: (
        "Off: no window is open until {until}.",
        "Off: no window is open.",
    ),
    ReasonCode.NEED_FORCED: (
        "On: the last chance before {by}, {missing_wh} are missing.",
        "On: its driver needs {energy_wh} by {departure}, and that takes all the time there is.",
        "On: what it needs could not be met in time any other way.",
    ),
    ReasonCode.PLAN_WAITS: (
        (
            "Waiting for better sun: {covers} covered, starts at {starts_at}, likely by about {likely_at};"
            " it needs {missing_wh} by {by}."
        ),
        "Waiting for better sun: {covers} covered, starts at {starts_at}; it needs {missing_wh} by {by}.",
        "Waiting for better sun: it needs {missing_wh} by {by}.",
        "Waiting for better sun: there is time enough.",
    ),
    ReasonCode.CHARGE_NOW: (
        "On: {by} asked for {energy_wh} now, and at the latest until {until}.",
        "On: {by} asked for it now, until {until}.",
        "On: {by} asked for {energy_wh} now.",
        "On: {by} asked for it now.",
        "On: somebody asked for {energy_wh} now.",
        "On: somebody asked for it now, until {until}.",
        "On: whoever drives it wants it to charge now, whatever the sun does.",
    ),
    ReasonCode.DETECTING_PHASES: ("On: a short test finds out how many phases the vehicle uses.",),
    ReasonCode.BELOW_MINIMUM: (
        "Waiting: less is left than {min_current_a} on each phase, and no vehicle may be offered less.",
        "Waiting: less is left than a vehicle must be offered.",
    ),
    ReasonCode.ZONE_FULL: ("Waiting: other vehicles have taken what there is for the zone; turns go round.",),
    ReasonCode.FUSE: ("Held back: with it a phase would draw more than its fuse carries.",),
    ReasonCode.IMPORT_CAP: ("Held back: with it the site would import more than it may.",),
    ReasonCode.DIMMED: ("Held back: the grid operator has limited the controlled loads.",),
    ReasonCode.PREEMPTED: ("Waiting: its surplus goes to a policy that is served first.",),
    ReasonCode.SETTLING: ("No change yet: the measurement does not show the last switching.",),
    ReasonCode.BOOST: (
        "On: boosted until {until}.",
        "On: boosted.",
    ),
    ReasonCode.OVERRIDE: (
        "{by} set its mode to {mode} until {until}: {reason}",
        "{by} set its mode to {mode} until {until}.",
        "{by} set its mode to {mode} until further notice: {reason}",
        "{by} set its mode to {mode} until further notice.",
        "Its mode is overridden to {mode} until {until}.",
        "Its mode is overridden to {mode}.",
        "Its mode is overridden.",
    ),
    ReasonCode.DARK_START: (
        "Waiting: power has just come back and loads start one after another, this one at {until}.",
        "Waiting: power has just come back and loads start one after another.",
    ),
    ReasonCode.ENGINE_FAULT: ("Released: the engine met a fault of its own; its log has the details.",),
    ReasonCode.METER_HELD: (
        "No change: the grid meter's last value is {grid_age_s} old, and nothing starts or stops on it.",
        "No change: the grid meter has not answered yet.",
    ),
    ReasonCode.METER_STALE: (
        "Fail-safe “{then}”: the grid meter has been silent for {grid_age_s}.",
        "Fail-safe “{then}”: the grid meter is silent.",
        "Fail-safe: the grid meter is silent.",
    ),
    ReasonCode.NO_VEHICLE: ("Waiting: no vehicle is plugged in.",),
    ReasonCode.ASLEEP: (
        "The vehicle is asleep: it is offered current and draws none. Wake attempts: {attempts} of 3, then its driver.",
        "The vehicle is asleep: it is offered current and draws none.",
    ),
    ReasonCode.WAKING: (
        "Waking the vehicle, which is offered current and draws none: attempt {attempts} of 3.",
        "Waking the vehicle, which is offered current and draws none.",
    ),
    ReasonCode.SATISFIED: (
        "Resting: it has had the {needed_wh} that it needs; the next need begins at {until}.",
        "Resting: it did not take the power it was offered; the next offer is at {until}.",
        "Resting: it took {charged_wh} since it was plugged in and wants no more.",
        "Resting: it has what it wants and takes no power.",
    ),
    ReasonCode.NOT_ANSWERING: (
        "Its relay has not followed its last command for {unconfirmed_s}; the command is repeated.",
        "The station does not obey: {drawn_a} are drawn where it was told {limit_a}; it is told again.",
        (
            "The station cannot be told how much to draw: it is {online}, and its last status is “{status}”. "
            "What it may draw is kept free for it."
        ),
        "The station cannot be told how much to draw: it is {online}. What it may draw is kept free for it.",
        "It has not followed its last command; the command is repeated.",
    ),
    ReasonCode.STARTS_EXHAUSTED: (
        "Waiting: it was started {starts} times since it was plugged in, and vehicles lock when it is done too often.",
        "Waiting: it was started as often as is allowed in this session.",
    ),
}
"""Templates of every code, the richest first; the last one names no fact."""

SCARCE: Mapping[ReasonCode, tuple[str, ...]] = {
    ReasonCode.SURPLUS: (
        "On: not enough sun is expected before {by} for {missing_wh}, it takes any surplus, down to {stops_below}.",
    ),
    ReasonCode.PLAN_WAITS: (
        "Waiting: not enough sun is expected before {by} for {missing_wh}, and any surplus starts it.",
    ),
}
"""Templates that go first where a plan waits for nothing better: any sun at all starts it."""

PHRASES: Mapping[str, str] = {
    # numbers and moments
    "number.decimal": ".",
    "number.space": " ",
    "unit.min": "min",
    "unit.h": "h",
    "unit.d": "d",
    "moment.weekdays": "Mon Tue Wed Thu Fri Sat Sun",
    "moment.days": "Monday Tuesday Wednesday Thursday Friday Saturday Sunday",
    "moment.weekday": "{weekday} {time}",
    "moment.date": "{year}-{month}-{day} {time}",
    "nothing.surplus_w": "nothing",
    "nothing.covers": "nothing",
    "nothing.stops_below": "nothing, with up to {share} bought",
    # what facts are called
    "mode.auto-solar": "auto-solar",
    "mode.auto-timer": "auto-timer",
    "mode.timer": "timer",
    "mode.always-on": "always-on",
    "mode.always-off": "always-off",
    "mode.manual": "manual",
    "then.release": "release",
    "then.keep": "keep",
    "then.force": "force",
    "online.yes": "connected",
    "online.no": "not connected",
    "status.available": "available",
    "status.preparing": "preparing",
    "status.charging": "charging",
    "status.suspended-ev": "paused by the vehicle",
    "status.suspended-evse": "paused by the station",
    "status.finishing": "finishing",
    "status.reserved": "reserved",
    "status.unavailable": "out of service",
    "status.faulted": "faulted",
    # what time brings, and what else would change a policy
    "next": "{at:At|On} {what}.",
    "next.override-ends": "its override ends",
    "next.boost-ends": "its boost ends",
    "next.min-on-over": "its minimum on-time is over",
    "next.min-off-over": "its minimum off-time is over",
    "next.starts": "it starts if the surplus lasts",
    "next.stage-up": "it goes one stage up if the surplus lasts",
    "next.stops": "it stops if the surplus stays short",
    "next.offered": "power is offered again",
    "next.forced": "it goes on for its need, if nothing has come of the sun",
    "next.due": "its need is due",
    "next.anew": "it needs that anew",
    "next.window-opens": "its window opens",
    "next.window-closes": "its window closes",
    "next.named-window-opens": "its window “{window}” opens",
    "next.named-window-closes": "its window “{window}” closes",
    "next.vehicle-starts": "a vehicle starts if the surplus lasts",
    "next.one-more-starts": "one vehicle more starts if the surplus lasts",
    "next.vehicle-pauses": "a vehicle pauses if the surplus stays short",
    "next.test-over": "the test of the phases at {station} is over at the latest",
    "next.min-on-over-at": "the minimum on-time at {station} is over",
    "next.charge-now-ends": "charge-now at {station} ends",
    "next.driver-leaves": "the driver at {station} leaves",
    "left": " is left",
    "left.for": " has been left for {delay}",
    "condition.starts": "Starts once {power}{left}.",
    "condition.stage-up": "Goes one stage up once {power}{left}.",
    "condition.stops": "Stops once less than {power}{left}.",
    "condition.stage-down": "Goes one stage down once less than {power}{left}.",
    "condition.vehicle-starts": "A vehicle starts once its minimum, {current} on each of its phases,{left}.",
    "condition.vehicle-starts-on-part": (
        "A vehicle starts once {share} of its minimum, {current} on each of its phases,{left}."
    ),
    "condition.vehicle-pauses": "One pauses once less than {share} of its minimum{left}.",
    "condition.plan-starts": "Starts once {share} has been covered; its plan is made anew every quarter of an hour.",
    "condition.plan-starts-lasting": (
        "Starts once {share} has been covered for {delay}; its plan is made anew every quarter of an hour."
    ),
    "condition.plan-goes-on": "Goes on down to {share} covered; its plan is made anew every quarter of an hour.",
    "condition.plan-buys": "Goes on with up to {share} bought; its plan is made anew every quarter of an hour.",
    "condition.switch": "Follows its switch: “noonward switch {name} on” or “off”.",
    "condition.mode": "Changes only with its mode.",
    # states of a policy
    "state.off": "Off",
    "state.on": "On",
    "state.stage": "Stage {stage}",
    "state.solar": "Solar",
    "state.minimum": "Minimum",
    "state.full": "Full power",
    "state.normal": "Normal",
    "state.recommended": "Recommended",
    "state.forced": "Forced",
    # before the first decision
    "undecided.fault": "Not decided yet: the engine has met a fault of its own.",
    "undecided.starting": "Not decided yet: the engine is starting.",
    # needs and plans
    "need.full": "has enough: took {drawn} of {energy} and takes no more",
    "need.met": "has its {energy}",
    "need.open": "{drawn} of {energy}, {missing} missing",
    "need.open-by": "{drawn} of {energy}, {missing} missing by {by}",
    "need.open-over": "{drawn} of {energy}, {missing} missing when its time was over {by}",
    "need.all-by": "{drawn} of {energy}, all of it missing by {by}",
    "need.all-over": "{drawn} of {energy}, all of it missing when its time was over {by}",
    "plan.unlearnt": "has not learnt yet; ",
    "plan.starts": "starts at {share} from the sun",
    "plan.any-sun": "takes any sun there is",
    "plan.likely": ", likely by about {at}",
    "plan.stops": ", stops below {share}",
    "plan.stops-at-none": ", stops when there is none",
    "plan.stops-buying": ", stops when there is none and {share} is bought",
    "learnt.none": "Has not learnt a whole day of this site yet; plans begin after the first one.",
    "learnt.some": "Has learnt {days} of {all} days of this site.",
    "learnt.all": "Has learnt the last {all} days of this site.",
    "forecast": "Plans go by a forecast from outside, given {age} ago, until {until}.",
    # stations
    "charge-now.unplugged": "charge now until unplugged",
    "charge-now.until": "charge now until {until}",
    "charge-now.energy": "charge now for {energy}",
    "charge-now.until-or-energy": "charge now until {until} or for {energy}",
    "driver.full": "takes no more of its {energy}",
    "driver.met": "has its {energy}",
    "driver.needs": "needs {energy} by {by}",
    "driver.needs-missing": "needs {energy} by {by}, {missing} missing",
    "station.undecided": "not decided yet",
    "station.unknown": "no word from it yet",
    "station.not-answering": "not answering",
    "station.absent": "free",
    "station.paused": "waiting",
    "station.detecting": "detecting phases",
    "station.offered": "offered {limit}, not drawing yet",
    "station.charging": "charging at {current}",
    "station.charging-on": "charging at {current} on {phases}",
    "station.charging-nothing": "charging, draws nothing now",
    "station.satisfied": "satisfied",
    "station.asleep": "asleep",
    "station.waking": "being woken",
    "station.needs-driver": "needs its driver",
    "phases.one": "one phase",
    "phases.many": "{phases} phases",
    "trouble.away": "It is not connected; its last measurement is of {heard}.",
    "trouble.gone": "It is not connected.",
    "trouble.never": "It has never connected.",
    "trouble.faulted": "It reports a fault: its own display or its maker's app says which.",
    "trouble.unavailable": "It reports that it is out of service.",
    "trouble.needs-driver": "The vehicle does not wake up: unlock it or replug the cable.",
    "trouble.disbelieved": "It draws more than it is told to, and counts with what it draws.",
    "trouble.fewer-phases": ("The vehicle uses {phases}, not the declared {declared}; “phases: auto” would find out."),
    # how sentences begin where a heading says it already
    "begins.waiting": "Waiting: ",
    "begins.on": "On: ",
    # the plain page
    "page.lost": "No connection to the gateway: what you see is old.",
    "page.power": "Power now",
    "page.policies": "Policies",
    "page.stations": "Charging stations",
    "page.none": "No policies yet.",
    "page.unknown": "unknown",
    "page.sun": "Solar",
    "page.grid": "Grid",
    "page.grid-takes": "Buying from the grid",
    "page.grid-gives": "Selling to the grid",
    "page.battery": "Battery",
    "page.battery-takes": "Battery takes",
    "page.battery-gives": "Battery gives",
    "page.full": ", {share} full",
    "page.never": "never measured",
    "page.ago": "{age} ago",
    "page.solar": "On solar",
    "page.minimum": "At minimum",
    "page.charging": "Charging",
    "page.testing": "Testing",
    "page.waking": "Waking",
    "page.mode": "Mode",
    "page.overridden": "{mode} (file: {file})",
    "page.switch": "Switch",
    "page.switched-on": "on",
    "page.switched-off": "off",
    "page.draws": "Draws",
    "page.together": "All vehicles together",
    "page.at-most": "at most {power}",
    "page.needs": "Needs",
    "page.plan": "Plan ({pace})",
    "page.min-on": "Minimum on-time",
    "page.time-left": "{time} left",
    "page.so-far": "{energy} so far",
    "page.limit": "limit {current}",
    "pace.normal": "normal",
    "pace.calm": "calm",
    "contact.silent": "not answering",
    "contact.unknown": "position unknown",
    "contact.closed": "closed",
    "contact.open": "open",
    "contact.unconfirmed": "{position}, not confirmed",
    # what is not as it should be, and what to do about it
    "notice.engine-fault": "The engine met a fault of its own and took the loads to fail-safe: {error}",
    "todo.engine-fault": "Give the log of the gateway to who looks after it; the engine goes on trying by itself.",
    "notice.engine-starting": "The engine is starting; nothing is decided yet.",
    "todo.engine-starting": "Nothing to do: it takes a few seconds.",
    "notice.engine-late": "The engine took its last step {age} ago: what follows is old.",
    "todo.engine-late": "Restart the gateway if this does not go away within a few minutes.",
    "notice.meter-stale": ("The grid meter has been silent for {age}: solar policies are in their fail-safe position."),
    "notice.meter-stale-never": (
        "The grid meter has not answered yet: solar policies are in their fail-safe position."
    ),
    "todo.meter-stale": "Check the meter's power and network cable; everything goes on by itself once it answers.",
    "notice.meter-held": "The grid meter has been silent for {age}: nothing starts or stops on its last value.",
    "notice.meter-held-never": "The grid meter has not answered yet: nothing starts or stops on its last value.",
    "todo.meter-held": "Nothing to do yet: most gaps end by themselves.",
    "notice.meter-reversed": (
        "The grid meter says that {power} is sold, while neither the sun nor a battery gives any: its sign is reversed."
    ),
    "todo.meter-reversed": "Have the installer turn the sign of the grid meter round, in site.yaml or at its clamps.",
    "notice.device-silent": "{device} ({channels}) has not answered since {last}.",
    "notice.device-silent-saying": "{device} ({channels}) has not answered since {last}: {error}",
    "notice.device-silent-never": "{device} ({channels}) has never answered.",
    "notice.device-silent-never-saying": "{device} ({channels}) has never answered: {error}",
    "todo.device-silent": "Check its power and network cable; it is asked again by itself.",
    "notice.vehicle-asleep": "{station}: the vehicle is asleep; it is offered current and draws none.",
    "todo.vehicle-asleep": "Wake the vehicle from here or with its app; it is also woken by itself.",
    "notice.vehicle-needs-driver": "{station}: the vehicle does not wake up; it needs its driver.",
    "todo.vehicle-needs-driver": "Unlock the vehicle, or unplug the cable and plug it in again.",
    "notice.station-away": "{station} has not been connected since {last}.",
    "notice.station-away-never": "{station} has never connected.",
    "todo.station-away": "Check its power and its network, and that its OCPP address leads to this gateway.",
    "todo.station-away-at": "Check its power and its network, and that its OCPP address leads here ({address}).",
    "notice.station-faulted": "{station} reports a fault.",
    "todo.station-faulted": (
        "Its own display or its maker's app says which fault; unplugging and a restart of the station help at times."
    ),
    "notice.station-amiss": "{station} is connected, but not all is well with it: {error}",
    "todo.station-amiss": "Have the installer look at it; until then the zone counts with what the station may draw.",
    "notice.station-disobeys": "{station} draws more than it is told to.",
    "todo.station-disobeys": "Have the installer check the station's limits; until then it counts with what it draws.",
    "notice.need-at-risk": (
        "{name} needs {missing} more by {by}, and {short} of that cannot come any more, even at full power."
    ),
    "notice.need-at-risk-vehicle": (
        "The vehicle at {name} needs {missing} more by {by}, and {short} of that cannot come any more, "
        "even at full power."
    ),
    "todo.need-at-risk": "Give it more time or ask for less, and look whether something holds it back.",
    "notice.need-missed": "{name} has missed {missing} of what it needed by {by}.",
    "notice.need-missed-vehicle": "The vehicle at {name} has missed {missing} of what it needed by {by}.",
    "todo.need-missed": "Boost it or charge now if it still matters; the next need begins by itself.",
    "notice.fuse-holds": "{name} is held back: with it a phase would draw more than its fuse carries.",
    "todo.fuse-holds": "Switch off something else on that phase, or wait: it goes on by itself.",
    "notice.import-cap-holds": "{name} is held back: with it the site would import more than it may.",
    "todo.import-cap-holds": "Switch off something else, or wait: it goes on by itself.",
    "notice.dimmed": "The grid operator has limited controlled loads.",
    "notice.dimmed-to": "The grid operator has limited controlled loads to {power} together.",
    "todo.dimmed": "Nothing to do: everything goes on once the grid operator lifts the limit.",
    "notice.policies-broken": (
        "The policies folder has changed and does not load, so the set from before goes on: {error}. "
        "“noonward check” tells it all."
    ),
    "notice.policies-broken-one-more": (
        "The policies folder has changed and does not load, so the set from before goes on: {error} and one problem "
        "more. “noonward check” tells it all."
    ),
    "notice.policies-broken-more": (
        "The policies folder has changed and does not load, so the set from before goes on: {error} and {more} "
        "problems more. “noonward check” tells it all."
    ),
    "todo.policies-broken": "Correct the file that is named; it is loaded once it is saved.",
    "notice.clock-untrusted": "The clock is not trusted yet: windows count as closed until it is.",
    "todo.clock-untrusted": "Check that the gateway reaches a time server.",
}

REFUSALS: Mapping[str, str] = {}
"""Sentences that a page may be refused with, and what they are here; raised in English, they stand for themselves."""
