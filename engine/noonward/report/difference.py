"""The difference of two versions as people read it: in a terminal, or as a comment on a pull request."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from noonward.lab.differ.metrics import METRICS, POLICY
from noonward.report import blocks, scorecard
from noonward.report.blocks import Heading, Items, Rows, Says, Table

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from noonward.report.blocks import Block

    Json = Mapping[str, Any]

MOST_ROWS = 40
"""Rows of one policy's table that are listed; more is another policy, not a change."""

_UNITS = {"energy": "kWh", "share": "%", "time": "h", "money": "", "count": ""}
_DECIMALS = {"count": 0, "money": 2}
_LABELS = {
    "energy_kwh": "energy", "solar_kwh": "from the sun", "unmet_kwh": "unmet", "forced_kwh": "forced",
    "starts": "starts", "on_h": "on",
}  # fmt: skip
_VERDICTS = {True: "holds: too much", False: "does not hold", None: "cannot be decided"}
_HEADLINE = ("captured", "import", "unmet", "starts", "violations")


def to_text(found: Json) -> str:
    """Return ``diff --format json`` for a terminal."""
    return blocks.to_text([_title(found), *parts(found)])


def to_markdown(found: Json) -> str:
    """Return ``diff --format json`` as Markdown, its first line a mark that is the same for every run of a scenario."""
    return blocks.to_markdown([_title(found), *parts(found)], f"noonward diff {found['recording']}")


def _title(found: Json) -> Heading:
    return Heading(f"{found['site']}: {found['old']['text']} → {found['new']['text']}")


def parts(found: Json) -> Iterator[Block]:
    """Yield what there is to say of ``diff --format json``, below its title."""
    files, played = found["structure"], found["behaviour"]
    if not files["policies"] and not files["site"]:
        yield Says("No difference.", strong=True)
        return
    yield Says(_gist(played), strong=True)
    judged = found["fail_on"]
    if judged is not None:
        yield from _judged(judged)
    yield Heading("What changed in the files")
    yield from _files(files)
    if played is not None:
        yield from _played(found, played)


def _gist(played: Json | None) -> str:
    """Return in one line what it comes to."""
    if played is None:
        return "Both versions do the same in this scenario."
    totals = played["totals"]
    moved = [
        f"{METRICS[name].label} {_signed(totals[name]['change'], METRICS[name].kind)}"
        for name in _HEADLINE
        if totals[name]["change"] is not None and _counts(totals[name], METRICS[name].kind)
    ]
    if moved:
        return ", ".join(moved)
    return "Other decisions, same sums." if played["parting"] else "Both versions decide the same in this scenario."


def _judged(judged: Json) -> Iterator[Block]:
    yield Says(f"--fail-on “{judged['text']}” {_VERDICTS[judged['holds']]}.")
    if judged["conditions"]:
        yield Items([f"{one['text']}: {_outcome(one)}" for one in judged["conditions"]])


def _outcome(one: Json) -> str:
    if one["holds"] is None:
        return "nobody knows"
    change = "from nothing" if one["change"] is None else f"{one['change']:+.4g} {one['unit']}".rstrip()
    return f"{change}, {'yes' if one['holds'] else 'no'}"


def _files(files: Json) -> Iterator[Block]:
    lines = []
    for change in files["policies"]:
        if change["what"] != "changed":
            lines.append(f"{change['name']}: {change['what']}")
        elif change["was"] is not None:
            lines.append(f"{change['was']}: now called {change['name']}")
    if lines:
        yield Items(lines)
    rows = [
        (change["name"], key["key"], key["old"], key["new"], key["place"])
        for change in files["policies"]
        for key in change["keys"]
    ]
    rows += [("site", key["key"], key["old"], key["new"], key["place"]) for key in files["site"]]
    if rows:
        yield Table(("", "key", "old", "new", "where"), rows, left=5)
    for change in files["policies"]:
        yield from _rows(change)


def _rows(change: Json) -> Iterator[Block]:
    """Yield the rows of a policy's table that came and went; of those with other numbers, which they are."""
    listed = [f"{row['sign']} {row['number']:>3}  {row['text']}" for row in change["rows"] if row["sign"] != "~"]
    moved = [row["number"] for row in change["rows"] if row["sign"] == "~"]
    if len(listed) > MOST_ROWS:
        listed = [*listed[:MOST_ROWS], f"… and {len(listed) - MOST_ROWS} more"]
    if moved:
        listed.append(f"~ with other numbers: {_ranges(moved)}")
    if listed:
        yield Rows(f"{change['name']}: rows of its table", listed)


def _ranges(numbers: Sequence[int]) -> str:
    runs: list[list[int]] = []
    for number in numbers:
        if runs and number == runs[-1][-1] + 1:
            runs[-1].append(number)
        else:
            runs.append([number])
    return ", ".join(str(run[0]) if len(run) == 1 else f"{run[0]}–{run[-1]}" for run in runs)


def _played(found: Json, played: Json) -> Iterator[Block]:
    timezone = found["timezone"]
    yield Heading(scorecard.period(found["played"], str(found["recording"]), timezone))
    totals = [
        (metric.label, *_cells(played["totals"][name], metric.kind))
        for name, metric in METRICS.items()
        if played["totals"][name]["change"] is not None and any(played["totals"][name].values())
    ]
    policies = [
        (f"{name}: {_LABELS[key]}", *_cells(own[key], kind))
        for name, own in played["policies"].items()
        for key, kind in POLICY.items()
        if _counts(own[key], kind)
    ]
    yield Table(("", "old", "new", "change"), [*totals, *policies])
    if played["parting"] is not None:
        yield from _parting(played["parting"])
    if played["days"]:
        yield Heading("Days that differ most")
        yield Items([_day(day) for day in played["days"]])


def _counts(change: Json, kind: str) -> bool:
    """Tell whether a number is worth a row: it changed as far as it is shown, or only one version has it."""
    if change["change"] is None:
        return any(change.values())
    return not _signed(change["change"], kind).startswith("0")


def _cells(change: Json, kind: str) -> tuple[str, str, str]:
    old, new = (_number(change[side], kind) for side in ("old", "new"))
    return old, new, "" if change["change"] is None else _signed(change["change"], kind)


def _number(value: float | None, kind: str) -> str:
    if value is None:
        return "–"
    return f"{_shown(value, kind)} {_UNITS[kind]}".rstrip()


def _signed(change: float, kind: str) -> str:
    unit = "pt" if kind == "share" else _UNITS[kind]
    text = _shown(change, kind, "+")
    return f"{text[1:] if float(text) == 0 else text.replace('-', '−')} {unit}".rstrip()


def _shown(value: float, kind: str, sign: str = "") -> str:
    return f"{value * (100.0 if kind == 'share' else 1.0):{sign}.{_DECIMALS.get(kind, 1)}f}"


def _parting(parting: Json) -> Iterator[Block]:
    at = datetime.fromisoformat(parting["at"]).astimezone(ZoneInfo(parting["timezone"]))
    yield Heading(f"They part on {at:%a %Y-%m-%d at %H:%M:%S}")
    lines: list[str] = []
    for policy in parting["policies"]:
        lines.append(policy["policy"])
        for side in ("old", "new"):
            lines += [f"  {line}" for line in _said(side, policy[side])]
    yield Items(lines)


def _said(side: str, said: Json | None) -> list[str]:
    if said is None:
        return [f"{side}: not there"]
    lines = [f"{side}: {said['state']} ({said['place']}). {' '.join(said['because'])}"]
    return lines + [
        f"{side}, {one['station']}: {one['state']}, {one['limit_a']:g} A. {one['because']}" for one in said["stations"]
    ]


def _day(day: Json) -> str:
    parts = [f"{day['date']}: import {_signed(day['import_kwh'], 'energy')}"]
    for name, own in day["policies"].items():
        energy = _signed(own["energy_kwh"], "energy") if own["energy_kwh"] else ""
        starts = f"{_signed(own['starts'], 'count')} starts" if own["starts"] else ""
        parts.append(f"{name} {', '.join(filter(None, (energy, starts)))}")
    return "; ".join(parts)
