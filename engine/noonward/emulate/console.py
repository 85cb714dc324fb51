"""What people may do to an emulated site while it runs, one line each: plug in, unplug, show a badge, pull a cable."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from noonward.plant.vehicle import VehicleKind

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from noonward.emulate.world import Parked, World

HELP: Final = """\
  plug STATION [1|2|3]   a vehicle comes, and uses so many phases
  unplug STATION         it goes
  badge STATION BADGE    somebody shows a badge
  wake STATION           the driver opens the vehicle's door
  cut STATION            its link is lost for a few seconds
  reboot STATION         it loses its power for a moment
  close DEVICE/input-N   somebody closes a contact
  open DEVICE/input-N    somebody opens it"""


class Mistake(ValueError):
    """A line that cannot be done; says why."""


class Console:
    """Does what is typed."""

    def __init__(self, world: World) -> None:
        self._world = world

    async def do(self, line: str) -> str:
        """Do what a line says and return what to tell.

        Raises:
            Mistake: It cannot be done.
        """
        words = line.split()
        if not words:
            return ""
        verb, rest = words[0].lower(), words[1:]
        if verb == "help":
            return HELP
        if verb in _CONTACTS:
            return self._contact(rest, closed=_CONTACTS[verb])
        act = _STATIONS.get(verb)
        if act is None:
            raise Mistake(f"{verb} is not known here; type help")
        if not rest or rest[0] not in self._world.stations:
            there = ", ".join(self._world.stations) or "none"
            raise Mistake(f"{verb} which station? There is {there}")
        try:
            await act(self._world.stations[rest[0]], *rest[1:])
        except TypeError:
            raise Mistake(f"{verb} is used otherwise:\n{HELP}") from None
        except ValueError as error:
            raise Mistake(str(error)) from None
        return ""

    def _contact(self, words: list[str], *, closed: bool) -> str:
        if len(words) != 1 or "/input-" not in words[0]:
            raise Mistake("which contact? For example: close cellar/input-1")
        self._world.inputs[words[0]] = closed
        return f"{words[0]}: {'closed' if closed else 'open'}"


async def _plug(parked: Parked, phases: str = "3") -> None:
    if phases not in {"1", "2", "3"}:
        raise ValueError(f"a vehicle uses 1, 2 or 3 phases, not {phases}")
    parked.point.plug(VehicleKind(phases=int(phases)), connector=parked.connector)


async def _unplug(parked: Parked) -> None:
    parked.point.unplug(parked.connector)


async def _badge(parked: Parked, tag: str) -> None:
    parked.point.badge(tag, parked.connector)


async def _wake(parked: Parked) -> None:
    vehicle = parked.point.vehicle(parked.connector)
    if vehicle is None:
        raise ValueError("no vehicle is plugged in there")
    vehicle.rouse()


async def _cut(parked: Parked) -> None:
    await parked.point.cut()


async def _reboot(parked: Parked) -> None:
    await parked.point.reboot()


_CONTACTS: Final = {"close": True, "open": False}
_STATIONS: Final[dict[str, Callable[..., Awaitable[None]]]] = {
    "plug": _plug, "unplug": _unplug, "badge": _badge, "wake": _wake, "cut": _cut, "reboot": _reboot,
}  # fmt: skip
