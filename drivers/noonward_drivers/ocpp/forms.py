"""The forms in which a charging profile can be written, and trying one after another until a station takes it.

Stations reject what is valid: one takes Relative profiles only, one stack level 0, one watts. So a profile that is
rejected is written again in the form that changes least, and what gives up the dead-man comes last.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product
from typing import TYPE_CHECKING, Any, Final, Literal, cast

from noonward.errors import Rejected

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from noonward_drivers.ocpp.abilities import Abilities
    from noonward_drivers.ocpp.facade import Command, Unit
    from noonward_drivers.ocpp.link import Link
    from noonward_drivers.ocpp.quirks import StationProfile

UNITS: Final[tuple[Unit, Unit]] = ("A", "W")

DEAR: Final = 10
"""What a change counts that gives up the dead-man within a session, beside 1 for any other."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """How a profile is written.

    Attributes:
        stack_level: Higher wins.
        unit: A or W.
        relative: It counts from the start of the transaction instead of from a moment.
        one_period: It ends, instead of falling to a second period.
    """

    stack_level: int = 0
    unit: Unit = "A"
    relative: bool = False
    one_period: bool = False

    def kept(self) -> list[Any]:
        """Return it as JSON."""
        return [self.stack_level, self.unit, self.relative, self.one_period]

    def away(self, other: Form) -> int:
        """Return how much another form changes."""
        cheap = (self.stack_level != other.stack_level) + (self.unit != other.unit)
        return cheap + DEAR * ((self.relative != other.relative) + (self.one_period != other.one_period))


def read(kept: Any) -> Form | None:
    """Return a form that was kept; None where it is none."""
    match kept:
        case [int(level), "A" | "W" as unit, bool(relative), bool(one_period)]:
            return Form(stack_level=level, unit=unit, relative=relative, one_period=one_period)
        case _:
            return None


def ladder(first: Form, stack_max: int | None = None, *, ends: bool = True) -> list[Form]:
    """Return every form, the one that is wanted first and what differs least from it next.

    Args:
        first: What is wanted.
        stack_max: The highest stack level that the station says it has.
        ends: Whether a schedule that ends is a form at all; a limit at rest has only one period as it is.
    """
    levels = dict.fromkeys((first.stack_level, *(() if stack_max is None else (stack_max,)), 0, 1))
    every = (
        Form(stack_level=level, unit=unit, relative=relative, one_period=one_period)
        for one_period, relative, unit, level in product(
            (False, True) if ends else (False,), (False, True), UNITS, levels
        )
        if stack_max is None or level <= max(stack_max, first.stack_level)
    )
    return sorted(every, key=first.away)


def unit(profile: StationProfile, abilities: Abilities) -> Unit:
    """Return what limits are written in first: watts where the model or the station says that it takes nothing else."""
    return "W" if profile.unit == "W" else abilities.unit or "A"


def counted(phases: int | None, unit: Unit) -> Literal[1, 2, 3] | None:
    """Return for how many phases a limit is written: watts need to know, and to some stations amperes are an order."""
    return cast("Literal[1, 2, 3]", phases) if unit == "W" and phases in {1, 2, 3} else None


async def climb(link: Link, forms: Iterable[Form], command: Callable[[Form], Command]) -> Form:
    """Return the first form in which the station takes a command.

    Raises:
        Rejected: It takes none.
        Unsupported: It has no such command.
        TimedOut, Disconnected, BadAnswer: Nobody knows.
    """
    refusal = Rejected("there is no form to write it in")
    for form in forms:
        try:
            await link.do(command(form))
        except Rejected as error:
            refusal = error
        else:
            return form
    raise refusal
