"""T1xx: timers, cron, clock changes."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from noonward.core.model import Mode
from noonward.core.timers import DAY_S
from noonward.policy.rules import facts, recurrence
from noonward.policy.rules.registry import Found, rule
from noonward.policy.wording import duration

if TYPE_CHECKING:
    from collections.abc import Iterator

    from noonward.core.timers import Cron, Timer
    from noonward.policy.project import Document, Project
    from noonward.policy.yaml import KeyPath

FIELDS = (("minute", 0, 59), ("hour", 0, 23), ("day of month", 1, 31), ("month", 1, 12), ("day of week", 0, 6))
"""Name, smallest and largest value of each cron field."""


def _timers(project: Project) -> Iterator[tuple[Document, KeyPath, Timer]]:
    """Yield every timer that its policy's mode looks at."""
    for policy in project.policies:
        if facts.mode(policy) in facts.TIMED:
            for k, timer in enumerate(facts.timers(policy)):
                yield policy, ("timers", k), timer


def _schedules(project: Project) -> Iterator[tuple[Document, KeyPath, str, Cron]]:
    """Yield every cron expression of every timer, with its text."""
    for policy in project.policies:
        for k, timer in enumerate(facts.timers(policy)):
            for key, cron in (("start", timer.start), ("stop", timer.stop)):
                if cron is not None:
                    yield policy, ("timers", k, key), policy.get("timers", k, key), cron


def _longer_than_a_day(timer: Timer) -> bool:
    seen = recurrence.calendar(timer)
    return seen.always or max(seen.lengths, default=0) > DAY_S


@rule("T101", "error", "A window never opens")
def never_opens(project: Project) -> Iterator[Found]:
    """Start and stop always fall on the same instants."""
    for policy, path, timer in _timers(project):
        if not recurrence.calendar(timer).ever:
            yield Found(
                policy,
                (*path, "stop"),
                f'window "{timer.name}" never opens: it stops at the very instants at which it starts',
                "give it another stop, or a length with `for:`",
            )


@rule("T102", "warning", "A window is longer than a day")
def longer_than_a_day(project: Project) -> Iterator[Found]:
    """Mostly a stop that names other days than its start."""
    for policy, path, timer in _timers(project):
        if _longer_than_a_day(timer):
            seen = recurrence.calendar(timer)
            does = "never closes" if seen.always else f"is {duration(max(seen.lengths))} long"
            hint = "check the days of both; if it is meant, write `# noonward: ignore T102` and the reason"
            yield Found(policy, path, f'window "{timer.name}" {does}', hint)


@rule("T103", "warning", "A window is shorter than the minimum on-time")
def shorter_than_min_on(project: Project) -> Iterator[Found]:
    """It will stay on beyond the window's end."""
    for policy, path, timer in _timers(project):
        shortest, min_on = min(recurrence.calendar(timer).lengths, default=0), facts.min_on_s(policy)
        if 0 < shortest < min_on:
            yield Found(
                policy,
                path,
                f'window "{timer.name}" is {duration(shortest)} long, but once on it stays on for {duration(min_on)}',
                "make the window longer, or `min_on` shorter",
            )


@rule("T104", "warning", "The gap between two windows is shorter than the minimum times")
def short_gap(project: Project) -> Iterator[Found]:
    """It either starts late after the gap, or pays a start for a short rest."""
    for policy in project.policies:
        timers = facts.timers(policy) if facts.mode(policy) in facts.TIMED else ()
        gap = min(recurrence.calendar(*timers).gaps, default=DAY_S) if timers else DAY_S
        for key, least_s, says in (
            ("min_off", facts.min_off_s(policy), "once off it stays off for"),
            ("min_on", facts.min_on_s(policy), "its minimum on-time is"),
        ):
            if gap < least_s:
                yield Found(
                    policy,
                    ("timers",),
                    f"two windows are only {duration(gap)} apart, but {says} {duration(least_s)}",
                    f"close the gap, or make it at least as long as `{key}`",
                    key=True,
                )
                break


@rule("T105", "info", "Windows overlap and count as one")
def overlapping(project: Project) -> Iterator[Found]:
    """A start while a window is open does nothing; windows that overlap are merged."""
    for policy in project.policies:
        if facts.mode(policy) not in facts.TIMED:
            continue
        timers = facts.timers(policy)
        for k, timer in enumerate(timers):
            if recurrence.overlapping(timer):
                yield Found(
                    policy,
                    ("timers", k),
                    f'window "{timer.name}" starts again before it has closed; its windows are merged',
                    "make `for:` shorter than the time between two starts",
                )
        for k, j in recurrence.overlaps(timers):
            one, other = timers[k].name, timers[j].name
            message = f'windows "{one}" and "{other}" overlap; where they do, they count as one'
            yield Found(policy, ("timers", j), message, "move one if that is not meant")


@rule("T106", "info", "A window has another length when the clocks change")
def clock_changes(project: Project) -> Iterator[Found]:
    """Start and stop are wall clock: 22 to 6 o'clock is 7 h in the spring night and 9 h in the autumn one."""
    for policy, path, timer in _timers(project):
        nights = recurrence.on_clock_changes(timer, project.timezone)
        if nights and not _longer_than_a_day(timer):
            told = " and ".join(
                f"{duration(length)} in the night in which clocks go {'forward' if change.forward_s > 0 else 'back'}"
                for change, length in dict(nights).items()
            )
            yield Found(
                policy,
                path,
                f'window "{timer.name}" lasts {told}',
                "if its length is what counts, write `for:` in place of `stop:`",
            )


@rule("T107", "warning", "Day of month and day of week are both given")
def either_day(project: Project) -> Iterator[Found]:
    """Cron fires on either of them, which few people expect."""
    for policy, path, text, cron in _schedules(project):
        if not cron.dom_star and not cron.dow_star:
            _, _, dom, _, dow = text.split()
            yield Found(
                policy,
                path,
                f'"{text}" fires on day {dom} of the month and on every day of week {dow}, not only where both hold',
                "write * for one of them",
            )


@rule("T108", "warning", "A step that never steps")
def lonely_step(project: Project) -> Iterator[Found]:
    """59/15 is minute 59 and no other."""
    for policy, path, text, _ in _schedules(project):
        for (name, _, largest), field in zip(FIELDS, text.split(), strict=True):
            for first, step in re.findall(r"(?<![\w-])(\d+)/(\d+)", field):
                if int(first) + int(step) > largest:
                    yield Found(
                        policy,
                        path,
                        f'"{first}/{step}" is {name} {first} alone: the next step would be beyond {largest}',
                        f"write {first}, or */{step}",
                    )


@rule("T109", "warning", "A step that does not divide its cycle")
def uneven_step(project: Project) -> Iterator[Found]:
    """*/45 is minute 0 and minute 45: 45 and 15 minutes apart."""
    for policy, path, text, _ in _schedules(project):
        for (name, smallest, largest), field in list(zip(FIELDS, text.split(), strict=True))[:2]:
            cycle = largest - smallest + 1
            for step in map(int, re.findall(r"\*/(\d+)", field)):
                if step < cycle and cycle % step:
                    last = (cycle - 1) // step * step
                    yield Found(
                        policy,
                        path,
                        f'"*/{step}" is not every {step} {name}s: after {name} {last} comes {name} 0',
                        f"take a step that divides {cycle}",
                    )


@rule("T110", "warning", "A schedule that fires every minute")
def every_minute(project: Project) -> Iterator[Found]:
    """Mostly "* 22 * * *" where "0 22 * * *" was meant."""
    for policy, path, text, cron in _schedules(project):
        if len(cron.minutes) == FIELDS[0][2] + 1:
            rest = text.split(maxsplit=1)[1]
            yield Found(
                policy,
                path,
                f'"{text}" fires every minute of the hour',
                f'for once an hour at the full hour write "0 {rest}"',
            )


@rule("T111", "warning", "Timers that the mode does not look at")
def timers_ignored(project: Project) -> Iterator[Found]:
    """They would be read as doing something."""
    for policy in project.policies:
        if policy.get("timers") and facts.mode(policy) not in facts.TIMED:
            yield Found(
                policy,
                ("timers",),
                f"mode {facts.mode(policy)} does not look at timers",
                "use mode auto-timer or timer, or remove them",
                key=True,
            )


@rule("T112", "info", "Auto with timer reads *or*")
def reads_or(project: Project) -> Iterator[Found]:
    """See ADR 0001."""
    for policy in project.policies:
        if facts.mode(policy) is Mode.AUTO_TIMER:
            yield Found(
                policy,
                ("mode",),
                "auto-timer is on when the surplus is enough or a window is open, not only when both hold",
                "inside a window it runs from the grid if there is no sun",
            )


@rule("T113", "error", "A window longer than a year")
def longer_than_a_year(project: Project) -> Iterator[Found]:
    """The engine looks no further back for the start of a window that may still be open."""
    for policy in project.policies:
        for k, timer in enumerate(facts.timers(policy)):
            if timer.for_s is not None and timer.for_s > recurrence.MAX_LENGTH_S:
                yield Found(
                    policy,
                    ("timers", k, "for"),
                    f'window "{timer.name}" is to be {policy.get("timers", k, "for")} long',
                    "a window has at most 366 days; for a load that is always to run use mode always-on",
                )
