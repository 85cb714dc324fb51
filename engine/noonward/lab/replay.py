"""A recorded journal through today's code: the same inputs must come to the same decisions.

Reads what ``noonward.daemon.journal`` writes. Every segment begins with a snapshot, so each is played on its own; what
the clock, a reload or a fault did between two of them is in the next one's snapshot.
"""

from __future__ import annotations

import json
import tempfile
import zlib
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from noonward.core.step import step
from noonward.errors import UsageError
from noonward.policy.load import load
from noonward.record import JOURNAL_FORMAT, JOURNAL_SUFFIX, decode_state, encode_command, encode_state, unflatten

if TYPE_CHECKING:
    from collections.abc import Iterator

    from noonward.core.model import Instant, Outcome, Site

GZIP = 31


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """Where today's code, or other policies, first do something else.

    Attributes:
        at: Moment of the step.
        what: commands, decisions, state, or raised.
        recorded: What the daemon did.
        replayed: What comes out now.
        why: Policy to the reasons that come out now.
    """

    at: Instant
    what: str
    recorded: Any
    replayed: Any
    why: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Replayed:
    """What came of a replay.

    Attributes:
        steps: How many were played; up to the first difference.
        segments: How many segments.
        difference: The first one, None where there is none.
        torn: Segments whose tail was lost, by a power cut or a kill.
    """

    steps: int
    segments: int
    difference: Difference | None
    torn: tuple[Path, ...]


def replay(journal: Path, *, policies: Path | None = None) -> Replayed:
    """Play a journal, or one segment of it.

    Args:
        journal: The folder, or one file in it.
        policies: Other policies to play it with; None: those that are recorded in it.

    Raises:
        UsageError: There is no journal there, or it is none.
        PolicyError: The policies do not load.
    """
    segments = segments_in(journal)
    given = None if policies is None else load(policies).site
    steps = 0
    torn = []
    for number, path in enumerate(segments, start=1):
        lines = Lines(path)
        played, difference = _segment(lines, given)
        steps += played
        if lines.torn:
            torn.append(path)
        if difference is not None:
            return Replayed(steps=steps, segments=number, difference=difference, torn=tuple(torn))
    return Replayed(steps=steps, segments=len(segments), difference=None, torn=tuple(torn))


def segments_in(journal: Path) -> list[Path]:
    """Return the segments of a journal, oldest first; one file of it is one.

    Raises:
        UsageError: There is none.
    """
    segments = sorted(journal.glob("*" + JOURNAL_SUFFIX)) if journal.is_dir() else [journal]
    if not segments:
        raise UsageError(
            f"no journal in {journal}: give the folder STATE/journal or one of its *{JOURNAL_SUFFIX} files"
        )
    return segments


class Lines:
    """The lines of a segment.

    Attributes:
        torn: True after the last line where the file ends in the middle of a block.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.torn = False

    def __iter__(self) -> Iterator[dict[str, Any]]:
        """Yield every whole line.

        Raises:
            UsageError: It is no journal at all.
        """
        try:
            data = self.path.read_bytes()
        except OSError as error:
            raise UsageError(f"{self.path}: {error.strerror}") from None
        first = True
        while data:
            unpacker = zlib.decompressobj(GZIP)
            try:
                text = unpacker.decompress(data)
            except zlib.error:
                text = b""
            if not unpacker.eof:
                if first:
                    raise UsageError(f"{self.path} is no journal, or was cut before its first minute was over")
                self.torn = True
                return
            data, first = unpacker.unused_data, False
            yield from map(json.loads, text.splitlines())


def snapshot(lines: Lines, rest: Iterator[dict[str, Any]]) -> dict[str, Any]:
    """Take the snapshot that a segment begins with.

    Raises:
        UsageError: This version does not read it.
    """
    head = next(rest, {})
    if head.get("format") != JOURNAL_FORMAT:
        raise UsageError(f"{lines.path} is no journal that this version reads (format {head.get('format')})")
    return head


def _segment(lines: Lines, given: Site | None) -> tuple[int, Difference | None]:
    rest = iter(lines)
    head = snapshot(lines, rest)
    site = recorded_site(head["files"]) if given is None else given
    state = decode_state(head["state"])
    seen: dict[str, Any] = {}
    decided: dict[str, list[str]] = {}
    steps = 0
    for line in rest:
        now = line["t"]
        if "end" in line:
            after = json.loads(json.dumps(encode_state(state)))  # as the journal has it: no tuples
            difference = _state_difference(line, after, now) if given is None else None
            return steps, difference
        seen |= line.get("o", {})
        for key in line.get("gone", ()):
            del seen[key]
        try:
            outcome = step(site, state, unflatten(seen), now)
        except Exception as error:  # noqa: BLE001 - the recorded step may have raised just this
            said = line.get("raised")
            return steps, None if said == repr(error) else Difference(
                at=now, what="raised", recorded=said, replayed=repr(error)
            )
        steps += 1
        difference = _difference(line, outcome, decided, now)
        if difference is not None:
            return steps, difference
        state = outcome.state
    return steps, None


def _difference(
    line: dict[str, Any], outcome: Outcome, decided: dict[str, list[str]], now: Instant
) -> Difference | None:
    """Compare one step; ``decided`` holds the decisions of the step before and is brought up to date."""
    why = {d.policy: f"{d.wanted}, {d.code.value}" for d in outcome.decisions}
    if "raised" in line:
        return Difference(at=now, what="raised", recorded=line["raised"], replayed=None, why=why)
    commands = [encode_command(command) for command in outcome.commands]
    after = {d.policy: [d.wanted, d.code.value] for d in outcome.decisions}
    moved = {name: what for name, what in after.items() if decided.get(name) != what}
    decided.clear()
    decided.update(after)
    for what, recorded, replayed in (
        ("decisions", line.get("d", {}), moved),
        ("commands", line.get("c", []), commands),
    ):
        if recorded != replayed:
            return Difference(at=now, what=what, recorded=recorded, replayed=replayed, why=why)
    return None


def _state_difference(line: dict[str, Any], state: dict[str, Any], now: Instant) -> Difference | None:
    recorded = line["state"]
    if recorded is None or recorded == {part: state.get(part) for part in recorded}:  # older ones knew fewer parts
        return None
    return Difference(at=now, what="state", recorded=recorded, replayed=state)


def recorded_site(files: dict[str, str]) -> Site:
    """Return the site that the recorded texts make; secrets stay unresolved, since no device is opened."""
    with tempfile.TemporaryDirectory(prefix="noonward-replay-") as place:
        for name, text in files.items():
            path = Path(place) / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        return load(Path(place)).site
