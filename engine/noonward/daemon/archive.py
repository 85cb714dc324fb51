"""Everything that is written down, and the one thread in which that happens."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, TypeVar

from noonward.daemon import journal as journals
from noonward.daemon import lastgood
from noonward.daemon.history import History
from noonward.daemon.journal import Journal
from noonward.daemon.memory import DeviceMemory, Keeper
from noonward.daemon.recorder import Recorder
from noonward.daemon.store import Stamp, StateStore
from noonward.errors import StateError
from noonward.history import reading

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from concurrent.futures import Executor
    from pathlib import Path

    from noonward.core.model import Forecast, Inputs, PolicyName, RelayId, RelayState, Site, State
    from noonward.daemon.clock import MachineClock
    from noonward.daemon.engine import DecisionRecord
    from noonward.daemon.health import Troubles
    from noonward.daemon.recorder import Batch
    from noonward.daemon.store import Saved
    from noonward.history.reading import Past
    from noonward.policy.loaded import Loaded

T = TypeVar("T")

CHECKPOINT_S = 900.0
"""How often what changes all the time (running delays, renewed leases, what is learnt) is saved: on the quarter, when a
quarter's means are known. [s]"""


class Archive:
    """The state folder: ``state.db``, ``history.db`` and ``journal/``.

    What must be durable is awaited; decisions, minutes and journal blocks are handed over, and their loss is said once.

    Attributes:
        journal: What the core saw, for replay.
        recorder: What people will want to know of it, in minutes.
    """

    def __init__(
        self, folder: Path, *, clock: MachineClock, executor: Executor, troubles: Troubles, engine: str
    ) -> None:
        self.folder = folder
        self.journal = Journal(folder / "journal", engine)
        self._clock = clock
        self._executor = executor
        self._troubles = troubles
        self._store = StateStore(folder / "state.db")
        self._keeper = Keeper(self._store, self._run)
        self._history = History(folder / reading.FILE)
        self.recorder = Recorder(self._record)
        self._reading = asyncio.Lock()
        self._quarter = clock.now() // CHECKPOINT_S
        self._handed_over: set[asyncio.Future[None]] = set()
        self._site = ""

    async def open(self, site: str) -> Saved:
        """Return what was saved for this site.

        Raises:
            StateError: Nothing can be kept in that folder.
        """
        self._site = site
        saved = await self._run(lambda: self._store.open(site, self._clock.now()))
        try:
            await self._run(self._history.open)
        except StateError as error:  # tried again with whatever is to be written
            self._troubles.begin("history", self._clock.now(), f"cannot be written: {error}")
        return saved

    async def save(self, state: State, contacts: Mapping[RelayId, RelayState], *, always: bool = False) -> None:
        """Make state durable where something changed that must be; all of it once a quarter of an hour, or always.

        A failure is said once and then lived with: a full disk must not keep a relay from opening.
        """
        now, monotonic = self._clock.now(), self._clock.monotonic()
        quarter = now // CHECKPOINT_S
        whole = always or quarter != self._quarter
        if not (whole or self._store.pending(state, contacts)):
            return
        stamp = Stamp(at=now, monotonic_s=monotonic, boot_id=self._clock.boot_id(), site=self._site)
        contacts = dict(contacts)
        try:
            await self._run(lambda: self._store.save(state, contacts, stamp, whole=whole))
        except StateError as error:
            self._troubles.begin("state", now, f"cannot be saved, a restart would go back to older state: {error}")
        else:
            self._quarter = quarter
            self._troubles.end("state", now)

    async def save_inputs(self, inputs: Mapping[PolicyName, Inputs]) -> None:
        """Make what people set durable.

        Raises:
            StateError: It is not durable.
        """
        await self._run(lambda: self._store.save_inputs(inputs))

    async def save_forecast(self, forecast: Forecast | None) -> None:
        """Make a forecast, or that there is none, durable.

        Raises:
            StateError: It is not durable.
        """
        await self._run(lambda: self._store.save_forecast(forecast))

    def memory(self, device: str) -> DeviceMemory:
        """Return what a device keeps, as the file holds it now."""
        return DeviceMemory(device, self._keeper)

    async def decisions(
        self, policy: PolicyName | None, limit: int, before: int | None = None
    ) -> tuple[DecisionRecord, ...]:
        """Return changes of decision, newest first."""
        return await self._run(lambda: self._history.newest(policy, limit, before))

    async def past(self, question: Callable[[Past], T], timezone: str) -> T:
        """Return what a question to ``history.db`` answers; its days are those of the site's time zone.

        In a thread of its own, one at a time: a year of curves must not keep a command waiting for its commit.

        Raises:
            UsageError: There is no file, or what the question raises.
            StateError: It cannot be read.
        """

        def ask() -> T:
            with reading.opened(self._history.path, timezone) as past:
                return question(past)

        async with self._reading:
            return await asyncio.to_thread(ask)

    def rename(self, site: Site) -> None:
        """Hand over which policies of a set had another name before."""
        running = {policy.name for policy in site.policies}
        names = [(policy.renamed_from, policy.name) for policy in site.policies if policy.renamed_from not in running]
        known = [(before, after) for before, after in names if before is not None]
        if known:
            self._hand_over("history", lambda: self._history.rename(known))

    def note(self, records: Sequence[DecisionRecord]) -> None:
        """Hand over changes of decision."""
        if records:
            self._hand_over("history", lambda: self._history.add(records))

    def keep_set(self, files: Mapping[str, str]) -> None:
        """Hand over the files of a set that runs."""
        self._hand_over("last-good", lambda: lastgood.keep(self.folder, files))

    def flush_journal(self, *, always: bool = False) -> None:
        """Hand over what the journal has, once a minute or always."""
        now = self._clock.now()
        if (always or self.journal.due(now)) and (taken := self.journal.take(now)) is not None:
            path, block = taken
            self._hand_over("journal", lambda: journals.append(path, block))

    def prune(self, loaded: Loaded) -> None:
        """Hand over the deletion of what is too old to keep."""
        now = self._clock.now()
        if self._clock.trusted():
            self._hand_over("history", lambda: self._history.prune(loaded.keep, loaded.site.timezone, now))
        self._hand_over("journal", lambda: journals.prune(self.journal.folder, now))

    async def close(self) -> None:
        """Write what is left and let go of the files."""
        self.flush_journal(always=True)
        while self._handed_over:
            await asyncio.gather(*self._handed_over, return_exceptions=True)
        await self._keeper.idle()
        await self._run(self._store.close)
        await self._run(self._history.close)

    def _record(self, batch: Batch) -> None:
        self._hand_over("history", lambda: self._history.record(batch))

    def _hand_over(self, name: str, work: Callable[[], None]) -> None:
        future = asyncio.ensure_future(self._run(work))
        self._handed_over.add(future)

        def done(_: asyncio.Future[None]) -> None:
            self._handed_over.discard(future)
            error = None if future.cancelled() else future.exception()
            if error is None:
                self._troubles.end(name, self._clock.now())
            else:
                self._troubles.begin(name, self._clock.now(), f"cannot be written: {error}")

        future.add_done_callback(done)

    async def _run(self, work: Callable[[], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._executor, work)
