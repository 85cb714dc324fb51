"""A site that runs: opens what is needed, adopts what it finds, lets others see it and set things, lets go at the end.

This is the :class:`noonward.daemon.engine.Engine` that the web is given.
"""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING, Any, TypeVar

from noonward.core.model import Forecast, Observation, SetRelay, State
from noonward.core.step import step as core_step
from noonward.daemon import failsafe, log
from noonward.daemon.archive import Archive
from noonward.daemon.atrisk import AtRisk
from noonward.daemon.clock import sleep_or
from noonward.daemon.decisions import Changes
from noonward.daemon.events import Events
from noonward.daemon.forecasts import Forecasts
from noonward.daemon.health import Health, Troubles
from noonward.daemon.inputs import Wishes
from noonward.daemon.loop import Loop
from noonward.daemon.resume import resume
from noonward.daemon.revision import revision
from noonward.daemon.sight import Sight
from noonward.daemon.stations import Stations
from noonward.daemon.stationwishes import StationWishes, zone_of
from noonward.daemon.wiring import Wiring, find_driver
from noonward.errors import NoonwardError, PolicyError
from noonward.policy.migrate import migrate, ownerless

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping, Sequence
    from concurrent.futures import Executor
    from pathlib import Path

    from noonward.core.model import Inputs, Instant, Outcome, Override, PolicyName, StationId, Zone
    from noonward.daemon.clock import MachineClock
    from noonward.daemon.engine import ChannelStatus, DecisionRecord, Until
    from noonward.daemon.loop import Step
    from noonward.daemon.notify import Notifier
    from noonward.history.reading import Past
    from noonward.policy.loaded import Loaded
    from noonward.ports import Driver, Memory, Publisher

T = TypeVar("T")

ADOPT_S = 5.0
"""So long the first reading of all devices may take before the first decision is made without the rest. [s]"""

LAST_WORDS_S = 5.0
"""So long the last commands may take before the daemon ends without their confirmation. [s]"""


class Running:
    """The daemon without its process: see ``supervise`` for signals, ``noonward.cli.run`` for the whole."""

    def __init__(
        self,
        folder: Path,
        loaded: Loaded,
        *,
        state: Path,
        clock: MachineClock,
        executor: Executor,
        notifier: Notifier,
        version: str,
        load: Callable[[Path], Awaitable[Loaded]],
        find: Callable[[str], Driver] = find_driver,
        step: Step = core_step,
    ) -> None:
        self.clock = clock
        self.started_at = clock.now()
        self.problems: tuple[object, ...] = ()
        self._folder = folder
        self._first = loaded
        self._notifier = notifier
        self._load = load
        self._step = step
        self._events = Events()
        self._troubles = Troubles(self._events.outage)
        self._health = Health(self._troubles)
        self._archive = Archive(state, clock=clock, executor=executor, troubles=self._troubles, engine=version)
        self._changes = Changes(version)
        self._changes.revision = revision(folder)
        self._sight = Sight(self._troubles, self.started_at)
        self._stations = Stations(self._health, clock, self._wake, self._archive.memory(""))
        self._wiring = Wiring(
            clock=clock,
            sight=self._sight,
            stations=self._stations,
            health=self._health,
            wake=self._wake,
            deciding=self._deciding,
            memory=self._archive.memory,
            find=find,
        )
        self._wishes = Wishes({}, self._archive.save_inputs)
        self._station_wishes = StationWishes(self._wishes)
        self._forecasts = Forecasts(self._archive.save_forecast)
        self._loop: Loop | None = None
        self._task: asyncio.Task[None] | None = None
        self._reloading = asyncio.Lock()

    # --- life ------------------------------------------------------------------------------------------------------

    async def start(self) -> None:
        """Open state and devices, see what the relays do, decide for the first time, and go on in a task.

        Raises:
            StateError: Nothing can be kept in the state folder.
            UsageError: A device cannot be opened.
        """
        loaded = self._first
        saved = await self._archive.open(loaded.site.name)
        if saved.aside:
            log.alarm("state-lost", f"state.db could not be used, starting as if new: {saved.aside}")
        for kind, name in saved.lost:
            log.warn("learnt-lost", f"{kind} {name} in state.db cannot be read any more and is learnt anew")
        resumed = resume(saved, loaded.site, self.clock)
        self._wishes.inputs, self._sight.power_back_at = resumed.inputs, resumed.power_back_at
        self._wishes.rename(loaded.site)
        self._forecasts.given = saved.forecast
        self._sight.look_at(loaded)
        self._stations.restore()
        self._stations.use(loaded.site.stations)
        await self._wiring.connect(loaded)
        self._stations.look()  # now, while all that their drivers know is what they remember from the last run
        if resumed.slipped_s:
            await self._stations.shift(resumed.slipped_s)
        once = asyncio.ensure_future(self._wiring.asked_once())
        await sleep_or(_event_of(once), self.clock, ADOPT_S)
        once.cancel()
        loop = self._loop = Loop(
            loaded,
            await self._let_go(loaded, resumed.state),
            step=self._step,
            clock=self.clock,
            sight=self._sight,
            stations=self._stations,
            wishes=self._wishes,
            forecasts=self._forecasts,
            actuators=self._wiring.actuators,
            archive=self._archive,
            changes=self._changes,
            troubles=self._troubles,
            notifier=self._notifier,
            events=self._events,
            at_risk=AtRisk(self._events.need),
        )
        self._archive.rename(loaded.site)
        await loop.tick()
        self._archive.keep_set(loaded.files)
        self._notifier.ready(f"{len(loaded.site.policies)} policies")
        self._task = asyncio.create_task(loop.run())

    async def wait(self) -> None:
        """Return, or raise, when the loop ends; cancelling the wait leaves the loop alone."""
        if self._task is not None:
            await asyncio.shield(self._task)

    async def confirmed(self) -> None:
        """Return when the commands of the latest step were tried and the step after them is done."""
        await self._wiring.actuators.idle()
        await self._running.tick()

    async def stop(self, *, for_good: bool) -> None:
        """End: save everything, let go of all devices.

        Args:
            for_good: Nobody takes over soon: relays that would stay closed unwatched are opened (``failsafe``).
                Otherwise nothing is switched.
        """
        self._notifier.stopping()
        self._events.stopping(self.clock.now())
        if (loop := self._loop) is not None:
            loop.stop()
            if self._task is not None:
                await asyncio.gather(self._task, return_exceptions=True)
            loop.seal("stop")
            if for_good:
                loop.state, commands = failsafe.at_stop(
                    loop.loaded.site, loop.state, self._wishes.inputs, self.clock.now()
                )
                for command in commands:
                    log.say("release", failsafe.told(command))
                if lasting := failsafe.lasting(loop.loaded.site, loop.state):
                    log.say("release", lasting)
                await self._archive.save(loop.state, self._sight.relays)
                self._wiring.actuators.give(commands)
            await self._answered()
            await self._archive.save(loop.state, self._sight.relays, always=True)
        await self._wiring.close()
        await self._archive.close()

    async def reload(self) -> None:
        """Read the folder again; run on it if it loads whole, else say what is wrong and go on as before."""
        async with self._reloading:
            self._notifier.reloading()
            before = self._running.loaded
            try:
                loaded = await self._load(self._folder)
                if loaded.files == before.files:
                    log.say("reload", "nothing changed in the folder")
                else:
                    await self._replace(before, loaded)
            except NoonwardError as error:
                self.problems = error.problems if isinstance(error, PolicyError) else (str(error),)
                log.warn("reload-refused", f"the changed folder is not used, the one before runs on: {error}")
            except Exception as error:  # noqa: BLE001 - a bug in the loader is no reason to leave the loads alone
                self.problems = (f"a bug in Noonward kept the folder from loading: {error!r}",)
                log.alarm("reload-refused", f"the loader is broken, the set before runs on: {error!r}", error)
            else:
                self.problems = ()
            self._events.reload(self.clock.now(), len(self.problems))
            self._notifier.ready(f"{len(self._running.loaded.site.policies)} policies")

    # --- what the web sees (``Engine``) ----------------------------------------------------------------------------

    @property
    def loaded(self) -> Loaded:
        """The running set of policies."""
        return self._first if self._loop is None else self._loop.loaded

    @property
    def outcome(self) -> Outcome | None:
        """Result of the latest step."""
        return None if self._loop is None else self._loop.outcome

    @property
    def observation(self) -> Observation:
        """What the latest step saw."""
        return Observation() if self._loop is None else self._loop.observation

    @property
    def state(self) -> State:
        """What the engine remembers."""
        return State() if self._loop is None else self._loop.state

    @property
    def inputs(self) -> Mapping[PolicyName, Inputs]:
        """What people set, a test in the place of an override."""
        return self._wishes.in_force

    @property
    def tests(self) -> Mapping[PolicyName, Override]:
        """Policies that somebody switches for a try at present."""
        return self._wishes.tests

    @property
    def revision(self) -> str | None:
        """Git revision that the policies folder stood at when it was loaded."""
        return self._changes.revision

    @property
    def forecast(self) -> Forecast | None:
        """The forecast from outside that is in force."""
        return self._forecasts.at(self.clock.now())

    @property
    def stepped_at(self) -> Instant | None:
        """When the latest step ran."""
        return None if self._loop is None else self._loop.stepped_at

    @property
    def fault(self) -> str | None:
        """What the engine stumbled over, while it does."""
        return None if self._loop is None else self._loop.fault

    @property
    def devices(self) -> tuple[ChannelStatus, ...]:
        """Every channel that is in use."""
        return tuple(status for _, status in sorted(self._health.channels.items()))

    async def decisions(
        self, policy: PolicyName | None = None, limit: int = 100, before: int | None = None
    ) -> tuple[DecisionRecord, ...]:
        """Return changes of decision, newest first."""
        return await self._archive.decisions(policy, limit, before)

    async def past(self, question: Callable[[Past], T]) -> T:
        """Return what a question to ``history.db`` answers."""
        return await self._archive.past(question, self.loaded.site.timezone)

    async def set_switch(self, policy: PolicyName, on: bool, by: str) -> Inputs:
        """Set the switch of a policy in mode manual."""
        wish = await self._wishes.switch(self.loaded.site, policy, self.clock.now(), on=on, by=by)
        return self._wished(policy, wish)

    async def set_boost(self, policy: PolicyName, for_s: float, by: str) -> Inputs:
        """Run a policy for this long; 0 ends a boost. [s]"""
        wish = await self._wishes.boost(self.loaded.site, policy, self.clock.now(), for_s=for_s, by=by)
        return self._wished(policy, wish)

    async def set_override(self, policy: PolicyName, override: Override) -> Inputs:
        """Replace the mode of a policy's file."""
        wish = await self._wishes.override(self.loaded.site, policy, self.clock.now(), override)
        return self._wished(policy, wish)

    async def clear_override(self, policy: PolicyName) -> Inputs:
        """Return to the mode of the file."""
        wish = await self._wishes.override(self.loaded.site, policy, self.clock.now(), None)
        return self._wished(policy, wish)

    async def set_test(self, policy: PolicyName, *, on: bool, for_s: float, by: str) -> Inputs:
        """Switch a policy on or off for a try."""
        wish = self._wishes.test(self.loaded.site, policy, self.clock.now(), on=on, for_s=for_s, by=by)
        return self._wished(policy, wish)

    async def set_charge_now(self, station: StationId, *, until: Until, energy_wh: float | None, by: str) -> Inputs:
        """Let a station charge at once."""
        set_ = self._station_wishes.charge_now
        return self._wished_for(
            *await set_(self.loaded.site, station, self.clock.now(), until=until, energy_wh=energy_wh, by=by)
        )

    async def clear_charge_now(self, station: StationId) -> Inputs:
        """Take charge-now back."""
        return self._wished_for(*await self._station_wishes.clear(self.loaded.site, station, "charge_now"))

    async def set_need(self, station: StationId, *, energy_wh: float, departure: Instant, by: str) -> Inputs:
        """Note what the driver at a station needs by when."""
        set_ = self._station_wishes.need
        return self._wished_for(
            *await set_(self.loaded.site, station, self.clock.now(), energy_wh=energy_wh, departure=departure, by=by)
        )

    async def clear_need(self, station: StationId) -> Inputs:
        """Forget what the driver needs."""
        return self._wished_for(*await self._station_wishes.clear(self.loaded.site, station, "needs"))

    async def set_wake(self, station: StationId, by: str) -> Inputs:
        """Try once more, and at once, to wake the vehicle that sleeps at a station."""
        wake = self._station_wishes.wake
        return self._wished_for(*await wake(self.loaded.site, station, self.clock.now(), self.state, by=by))

    async def set_forecast(self, *, start: Instant, step_s: float, pv_w: Sequence[float], by: str) -> Forecast:
        """Put a forecast from outside in the place of the site's own."""
        given = Forecast(at=self.clock.now(), start=start, step_s=step_s, pv_w=tuple(pv_w))
        await self._forecasts.give(self.loaded.site, given, by)
        self._forecast_changed()
        return given

    async def clear_forecast(self, by: str) -> None:
        """Go back to the site's own forecast."""
        await self._forecasts.clear(by)
        self._forecast_changed()

    async def diagnostics(self, station: StationId, url: str) -> str | None:
        """Have a station send its log to an address."""
        zone_of(self.loaded.site, station)
        return await self._wiring.diagnostics(station, url)

    def memory(self, name: str) -> Memory:
        """Return where something beside the devices keeps what must survive a restart; there is none before start."""
        return self._archive.memory(f"@{name}")  # no device is called so

    def subscribe(self, publisher: Publisher) -> Callable[[], None]:
        """Hand every event to ``publisher``; return what unsubscribes it."""
        return self._events.subscribe(publisher)

    # --- inside ----------------------------------------------------------------------------------------------------

    @property
    def _running(self) -> Loop:
        if self._loop is None:
            raise RuntimeError("start() comes first")
        return self._loop

    def _deciding(self) -> bool:
        """Tell whether the loop still decides; before it begins, devices are read for its first step."""
        return self._loop is None or self._loop.deciding()

    def _wake(self) -> None:
        if self._loop is not None:
            self._loop.wake()

    async def _replace(self, before: Loaded, loaded: Loaded) -> None:
        async def connect(state: State) -> State:
            await self._wiring.prepare(loaded)
            state = await self._let_go(loaded, migrate(before.site, loaded.site, state))
            await self._wiring.connect(loaded)
            return state

        await self._running.replace(loaded, connect)
        if self._wishes.rename(loaded.site):
            await self._archive.save_inputs(self._wishes.inputs)
        self._changes.revision = revision(self._folder)
        self._archive.rename(loaded.site)
        self._archive.keep_set(loaded.files)
        if loaded.http != before.http:
            log.warn("restart-needed", "http.listen changed: it takes effect at the next start")

    async def _let_go(self, loaded: Loaded, state: State) -> State:
        """Open the relays that no policy drives any more."""
        orphans = ownerless(loaded.site, state)
        for relay in orphans:
            log.say("release", f"{relay} opens: no policy drives it any more", relay=relay)
        self._wiring.actuators.give([SetRelay(relay=relay, closed=False) for relay in orphans])
        await self._answered()
        return replace(state, leases={r: lease for r, lease in state.leases.items() if r not in orphans})

    async def _answered(self) -> None:
        """Wait for the commands that are on their way, but not for ever."""
        idle = asyncio.ensure_future(self._wiring.actuators.idle())
        await sleep_or(_event_of(idle), self.clock, LAST_WORDS_S)
        idle.cancel()

    def _forecast_changed(self) -> None:
        self._events.forecast(self.clock.now())
        self._wake()

    def _wished_for(self, zone: Zone, wish: Inputs) -> Inputs:
        return self._wished(zone.name, wish)

    def _wished(self, policy: PolicyName, wish: Inputs) -> Inputs:
        self._events.inputs(self.clock.now(), policy)
        self._wake()
        return wish


def _event_of(future: asyncio.Future[Any]) -> asyncio.Event:
    """Return an event that is set when the future is done."""
    event = asyncio.Event()
    future.add_done_callback(lambda _: event.set())
    return event
