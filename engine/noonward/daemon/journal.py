"""``journal/``: everything that the core saw, so that any moment can be played again (``noonward replay``).

A segment is one file of JSON lines in gzip members, a member a minute, so that ``zcat`` reads it and a torn tail costs
a minute at most. Its first line is a snapshot: why it begins, the text of the policies, the state. Then one line a
step, with only the readings that changed, the commands, and the decisions that are not the ones before. Its last line
is the state at its end. A segment ends where the core's inputs cannot tell what happened: at a stop, a reload, a jump
of the clock, a fault; and after a day, so that old ones can go.
"""

from __future__ import annotations

import json
import zlib
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from noonward.record import JOURNAL_FORMAT, JOURNAL_SUFFIX, changes, encode_command, encode_state, flatten

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from noonward.core.model import Instant, Observation, Outcome, State, Station, StationId

FLUSH_S = 60.0
SEGMENT_S = 86_400.0
KEEP_S = 14 * 86_400.0
KEEP_BYTES = 200_000_000


class Journal:
    """The segment being written; lines are kept in memory until :meth:`due` says that a block should be written."""

    def __init__(self, folder: Path, engine: str) -> None:
        self.folder = folder
        self._engine = engine
        self._lines: list[str] = []
        self._path: Path | None = None
        self._began_at = self._flushed_at = 0.0
        self._seen: dict[str, Any] = {}
        self._stations: dict[StationId, tuple[Station, dict[str, Any]]] = {}
        self._decided: dict[str, list[str]] = {}

    def begin(self, why: str, now: Instant, files: Mapping[str, str], digest: str, state: State) -> None:
        """Begin a segment with a snapshot; what is still in memory of the one before must have been taken."""
        stamp = datetime.fromtimestamp(now, UTC).strftime("%Y%m%dT%H%M%S.%fZ")
        self._path = self.folder / f"{stamp}-{why}{JOURNAL_SUFFIX}"
        self._began_at = self._flushed_at = now
        self._seen, self._decided = {}, {}
        self._write(
            format=JOURNAL_FORMAT,
            why=why,
            at=now,
            engine=self._engine,
            digest=digest,
            files=dict(files),
            state=encode_state(state),
        )

    def step(self, now: Instant, observation: Observation, outcome: Outcome) -> None:
        """Add one step."""
        line = self._look(now, observation)
        decided = {d.policy: [d.wanted, d.code.value] for d in outcome.decisions}
        moved = {name: what for name, what in decided.items() if self._decided.get(name) != what}
        self._decided = decided
        if outcome.commands:
            line["c"] = [encode_command(command) for command in outcome.commands]
        if moved:
            line["d"] = moved
        self._write(**line)

    def stumble(self, now: Instant, observation: Observation, error: BaseException) -> None:
        """Add a step that raised: what it saw is what the bug needs."""
        self._write(**self._look(now, observation), raised=repr(error))

    def end(self, why: str, now: Instant, state: State | None) -> None:
        """Add the last line; without a state where the step raised and none came of it."""
        if self._path is not None:
            self._write(end=why, t=now, state=None if state is None else encode_state(state))

    def due(self, now: Instant) -> bool:
        """Return True once a minute, while there is something to write."""
        return bool(self._lines) and not 0 <= now - self._flushed_at < FLUSH_S

    def old(self, now: Instant) -> bool:
        """Return True when the segment is a day old."""
        return not 0 <= now - self._began_at < SEGMENT_S

    def take(self, now: Instant) -> tuple[Path, bytes] | None:
        """Return what has to be appended to which file, and forget it here."""
        if not self._lines or self._path is None:
            return None
        block = "".join(self._lines).encode()
        self._lines, self._flushed_at = [], now
        return self._path, block

    def _look(self, now: Instant, observation: Observation) -> dict[str, Any]:
        flat = flatten(observation, self._stations)
        new, gone = changes(self._seen, flat)
        self._seen = flat
        return {"t": now} | ({"o": new} if new else {}) | ({"gone": gone} if gone else {})

    def _write(self, **line: Any) -> None:
        self._lines.append(json.dumps(line, separators=(",", ":"), ensure_ascii=False) + "\n")


def append(path: Path, block: bytes) -> None:
    """Write one block as one gzip member. Runs in the store's thread.

    Raises:
        OSError: It is lost.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    packer = zlib.compressobj(6, zlib.DEFLATED, 31)
    with path.open("ab") as file:
        file.write(packer.compress(block) + packer.flush())


def prune(folder: Path, now: Instant) -> None:
    """Delete segments beyond 14 days or 200 MB, oldest first; the newest always stays. Runs in the store's thread."""
    segments = sorted(folder.glob("*" + JOURNAL_SUFFIX), reverse=True)
    total = 0
    for k, segment in enumerate(segments):
        facts = segment.stat()
        total += facts.st_size
        if k and (total > KEEP_BYTES or now - facts.st_mtime > KEEP_S):
            segment.unlink()
