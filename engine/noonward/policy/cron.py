"""Cron text to parsed fields.

croniter reads and checks the expression. What it accepts beyond plain five-field cron is refused first, each with the
reason: those forms have no fixed meaning (``R``, ``H``), none that a window could have (seconds), or one that other
readers of the file do not share (``L``, ``W``, ``#``, ``@daily``).
"""

from __future__ import annotations

import re
from functools import lru_cache

from croniter import croniter
from croniter.croniter import CroniterError

from noonward.core.timers import Cron

MAX_LENGTH = 200

FIELDS = ("minute", "hour", "day of month", "month", "day of week")
_RANGES = ((0, 59), (0, 23), (1, 31), (1, 12), (0, 6))
_MONTHS = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]
_DAYS = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"]
_NAMES: tuple[dict[str, int], ...] = (
    {},
    {},
    {},
    {name: i for i, name in enumerate(_MONTHS, 1)},
    {name: i for i, name in enumerate(_DAYS)},
)

_ITEM = re.compile(r"(?:\*|(?P<first>\w+)(?:-(?P<last>\w+))?)(?:/(?P<step>\d+))?")

_WORDS = {
    "@yearly": "0 0 1 1 *", "@annually": "0 0 1 1 *", "@monthly": "0 0 1 * *", "@weekly": "0 0 * * 0",
    "@daily": "0 0 * * *", "@midnight": "0 0 * * *", "@hourly": "0 * * * *",
}  # fmt: skip

_LETTERS = (
    (re.compile(r"(?i)(?:^|[\s,])R"), "R (random) means another time at every start", "write a number"),
    (re.compile(r"(?i)(?:^|[\s,])H"), "H (hashed) means another time in every program", "write a number"),
    (re.compile(r"#"), "# (the n-th weekday) is not plain cron", 'name the days instead, for example "0 6 1-7 * *"'),
    (re.compile(r"(?i)\dW\b|(?:^|[\s,])L?W\b"), "W (nearest working day) is not plain cron", "name the day of month"),
    (
        re.compile(r"(?i)(?:^|[\s,])L\d?\b|\dL\b"),
        "L (last) is not plain cron",
        'name the days, for example "0 6 28 * *"',
    ),
    (re.compile(r"\?"), "? is not plain cron", "write *"),
)


class BadCron(ValueError):
    """The text is not a cron expression that a timer can have.

    Attributes:
        hint: What to write instead, if there is something to say.
    """

    def __init__(self, message: str, hint: str | None = None) -> None:
        super().__init__(message)
        self.hint = hint


@lru_cache(maxsize=4096)
def parse(text: str) -> Cron:
    """Read five cron fields: minute, hour, day of month, month, day of week.

    Raises:
        BadCron: It is anything else, or never fires.
    """
    if len(text) > MAX_LENGTH:
        raise BadCron(f"a cron expression has at most {MAX_LENGTH} characters, this one has {len(text)}")
    _refuse_extensions(text)
    fields = text.split()
    for index, field in enumerate(fields):
        for item in field.split(","):
            _check_item(item, index)
    try:
        expanded, _ = croniter.expand(text, strict=True)
    except (CroniterError, ValueError) as error:
        raise BadCron(_in_words(str(error), text)) from None
    minutes, hours, doms, months, dows = (
        tuple(range(low, high + 1)) if values == ["*"] else tuple(sorted({int(value) for value in values}))
        for values, (low, high) in zip(expanded, _RANGES, strict=True)
    )
    return Cron(
        minutes=minutes,
        hours=hours,
        doms=doms,
        months=months,
        dows=dows,
        hour_star=expanded[1] == ["*"],
        dom_star=expanded[2] == ["*"],
        dow_star=expanded[4] == ["*"],
    )


def write(cron: Cron) -> str:
    """Return five fields that read as this one; not always those that it was written with."""
    stars = (
        len(cron.minutes) == _RANGES[0][1] + 1,
        cron.hour_star,
        cron.dom_star,
        len(cron.months) == _RANGES[3][1],
        cron.dow_star,
    )
    fields = (cron.minutes, cron.hours, cron.doms, cron.months, cron.dows)
    return " ".join("*" if star else _listed(field) for star, field in zip(stars, fields, strict=True))


def _listed(values: tuple[int, ...]) -> str:
    """Return a list of values, three and more in a row as a range."""
    runs: list[list[int]] = []
    for value in values:
        if runs and value == runs[-1][-1] + 1:
            runs[-1].append(value)
        else:
            runs.append([value])
    return ",".join(f"{run[0]}-{run[-1]}" if len(run) > 2 else ",".join(map(str, run)) for run in runs)  # noqa: PLR2004


def _refuse_extensions(text: str) -> None:
    stripped = text.strip()
    if stripped.startswith("@"):
        plain = _WORDS.get(stripped.lower())
        raise BadCron(f"{stripped} is not plain cron", f'write "{plain}"' if plain else "write five fields")
    fields = stripped.split()
    if len(fields) == len(FIELDS) + 1:
        raise BadCron(
            "a sixth field (seconds or a year) is not allowed: expected five fields, found 6",
            f'write "{" ".join(fields[:5])}"',
        )
    for pattern, reason, hint in _LETTERS:
        if pattern.search(text):
            raise BadCron(reason, hint)
    if len(fields) != len(FIELDS):
        clock = re.fullmatch(r"([01]?\d|2[0-3]):([0-5]\d)", stripped)
        raise BadCron(
            f"expected five fields (minute hour day-of-month month day-of-week), found {len(fields)}",
            f'every day at {stripped} is "{int(clock[2])} {int(clock[1])} * * *"' if clock else None,
        )


def _check_item(item: str, index: int) -> None:
    """Check one entry of a field's list: ``*``, ``5``, ``mon``, ``8-17``, each with an optional ``/step``."""
    name, (low, high) = FIELDS[index], _RANGES[index]
    high += index == len(FIELDS) - 1  # 7 is Sunday too
    match = _ITEM.fullmatch(item)
    if match is None:
        raise BadCron(f'"{item}" is not a value of the {name} field', "numbers, names, lists, ranges and steps only")
    first, last = (_value(part, index) for part in (match["first"], match["last"]))
    for written, value in ((match["first"], first), (match["last"], last)):
        if written is not None and (value is None or not low <= value <= high):
            allowed = f"{low}…{high}" + (" or a name like mon" if index == len(FIELDS) - 1 else "")
            raise BadCron(f'"{written}" is not a value of the {name} field ({allowed})')
    if last is not None and first == last:
        raise BadCron(f'"{item}": a range of one value would mean every {name}', f'write "{match["first"]}"')
    if match["step"] is not None and not 1 <= int(match["step"]) <= high:
        raise BadCron(f'"{item}": a step in the {name} field lies between 1 and {high}')


def _value(written: str | None, index: int) -> int | None:
    if written is None:
        return None
    return int(written) if written.isdecimal() and written.isascii() else _NAMES[index].get(written.lower())


def _in_words(message: str, text: str) -> str:
    """Return what croniter says without the expression, which is shown beside it."""
    never = re.search(r"Day\(s\) \[(.*)\] can never occur in month\(s\) \[(.*)\]", message)
    if never:
        return f"never fires: month {never[2]} has no day {never[1]}"
    return message.replace(f"[{text}]", "this").strip()
