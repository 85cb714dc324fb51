"""Cron text to ``Cron``, by croniter alone: a second road beside ``noonward.policy.cron``."""

from zoneinfo import ZoneInfo

from croniter import croniter

from noonward.core.timers import Cron, Timer, Windows


def cron(text: str) -> Cron:
    fields, _ = croniter.expand(text, strict=True)
    minutes, hours, doms, months, dows = (
        tuple(range(lo, hi + 1)) if field == ["*"] else tuple(sorted(field))
        for field, (lo, hi) in zip(fields, ((0, 59), (0, 23), (1, 31), (1, 12), (0, 6)), strict=True)
    )
    star = [field == ["*"] for field in fields]
    return Cron(minutes, hours, doms, months, dows, star[1], star[2], star[4])


def timer(start: str, *, stop: str | None = None, for_h: float | None = None, name: str = "") -> Timer:
    return Timer(
        name=name or start,
        start=cron(start),
        stop=cron(stop) if stop else None,
        for_s=for_h * 3600 if for_h is not None else None,
        line=1,
    )


def windows(*timers: Timer, tz: str = "Europe/Zurich") -> Windows:
    ZoneInfo(tz)
    return Windows(timers, tz)
