"""``noonward auth``: who may come in, and what they did. Speaks to the running daemon over its control socket."""

from __future__ import annotations

import json
import sys
from datetime import datetime
from typing import TYPE_CHECKING, Any

import click

from noonward.cli.control import place, state_option
from noonward.cli.socket_client import ask

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from pathlib import Path

ROLES = ("viewer", "resident", "owner", "installer")


def grant_options(command: Callable[..., None]) -> Callable[..., None]:
    """Add what says what somebody is granted."""
    for option in (
        click.option("--modes", is_flag=True, default=None, help="A resident may override modes of what is theirs."),
        click.option("--everything", is_flag=True, help="They reach the whole site."),
        click.option("--station", "stations", multiple=True, metavar="ID", help="A station that they reach."),
        click.option("--policy", "policies", multiple=True, metavar="NAME", help="A policy that they reach."),
    ):
        command = option(command)
    return command


@click.group("auth")
def command() -> None:
    """Say who may come in by the page and the API, and see what they did."""


@command.command("code")
@click.argument("name", required=False)
@state_option
def code(name: str | None, state_dir: Path | None) -> None:
    """Make a one-time code: for NAME to choose a password, or without NAME for somebody to become an owner.

    It is entered at /setup of the page. That of an owner is good for 15 minutes, an invitation for three days.
    """
    where = ("setup", "code") if name is None else ("people", name, "code")
    made = ask(place(state_dir), "POST", *where, body={})
    click.echo(f"{made['code']}  (good until {_moment(made['until'])}, once)")


@command.group("people")
def people() -> None:
    """People who can sign in."""


@people.command("list")
@state_option
def people_list(state_dir: Path | None) -> None:
    """Show who can sign in, and what each may."""
    found = ask(place(state_dir), "GET", "people")["people"]
    rows = [(one["name"], one["role"], _reach(one), _standing(one)) for one in found]
    _table(("name", "role", "reaches", ""), rows, "Nobody yet: “noonward auth code” makes an owner.")


@people.command("add")
@click.argument("name")
@click.argument("role", type=click.Choice(ROLES))
@grant_options
@state_option
def people_add(name: str, role: str, state_dir: Path | None, **grant: Any) -> None:
    """Invite NAME, and show the code by which they choose a password at /setup."""
    body = {"name": name, "role": role, "scope": _scope(role, **grant), "modes": bool(grant["modes"])}
    made = ask(place(state_dir), "POST", "people", body=body)
    click.echo(f"{made['name']} is a {made['role']} and reaches {_reach(made)}.")
    click.echo(f"{made['code']}  (good until {_moment(made['invited_until'])}, once)")


@people.command("change")
@click.argument("name")
@click.option("--role", type=click.Choice(ROLES))
@grant_options
@click.option(
    "--lock/--unlock", "locked", default=None, help="Keep them out without deleting anything, or let them in."
)
@state_option
def people_change(name: str, role: str | None, locked: bool | None, state_dir: Path | None, **grant: Any) -> None:
    """Change what NAME is granted; their sessions and tokens end."""
    body: dict[str, Any] = {"role": role, "locked": locked, "modes": grant["modes"]}
    if grant["everything"] or grant["policies"] or grant["stations"]:
        body["scope"] = _scope(role or "", **grant)
    body = {key: value for key, value in body.items() if value is not None or key == "scope"}
    if not body:
        raise click.UsageError("say what is to change: --role, --policy, --station, --everything, --modes or --lock")
    one = ask(place(state_dir), "PUT", "people", name, body=body)
    click.echo(f"{one['name']} is a {one['role']}, reaches {_reach(one)}{', and is locked out' * one['locked']}.")


@people.command("delete")
@click.argument("name")
@state_option
def people_delete(name: str, state_dir: Path | None) -> None:
    """Forget NAME, with their sessions and tokens; what they did stays in the audit log."""
    ask(place(state_dir), "DELETE", "people", name)
    click.echo(f"{name} can sign in no more.")


@command.group("token")
def token() -> None:
    """Tokens, by which programs say who they are."""


@token.command("list")
@state_option
def token_list(state_dir: Path | None) -> None:
    """Show the tokens that count."""
    found = ask(place(state_dir), "GET", "tokens")["tokens"]
    rows = [
        (one["key"], one["name"], one["owner"] or "-", one["role"], _reach(one), f"until {_moment(one['until'])}")
        for one in found
    ]
    _table(("key", "for", "whose", "role", "reaches", ""), rows, "There are none.")


@token.command("add")
@click.argument("name")
@click.argument("role", type=click.Choice(ROLES))
@grant_options
@click.option(
    "--until", metavar="WHEN", default="90 d", show_default=True, help="A moment or a duration, at most a year."
)
@state_option
def token_add(name: str, role: str, until: str, state_dir: Path | None, **grant: Any) -> None:
    """Make a token for the program NAME, and show it: now, and never again.

    It is sent as “Authorization: Bearer nw_…”.
    """
    body = {"name": name, "role": role, "until": until, "scope": _scope(role, **grant), "modes": bool(grant["modes"])}
    made = ask(place(state_dir), "POST", "tokens", body=body)
    click.echo(
        f"{made['name']} is a {made['role']} and reaches {_reach(made)} until {_moment(made['until'])}.", err=True
    )
    click.echo(made["token"])


@token.command("delete")
@click.argument("key")
@state_option
def token_delete(key: str, state_dir: Path | None) -> None:
    """Delete the token with this KEY; it counts no more at once."""
    ask(place(state_dir), "DELETE", "tokens", key)
    click.echo(f"{key} counts no more.")


@command.command("audit")
@click.option(
    "--limit", metavar="N", type=click.IntRange(1, 500), default=30, show_default=True, help="So many at most."
)
@click.option("--before", metavar="ID", type=click.IntRange(1), help="Only entries that are older than this one.")
@click.option("--json", "as_json", is_flag=True, help="As JSON, with everything that is known.")
@state_option
def audit(limit: int, before: int | None, state_dir: Path | None, *, as_json: bool) -> None:
    """Show who did what, the newest first."""
    query = {"limit": limit, **({} if before is None else {"before": before})}
    page = ask(place(state_dir), "GET", "audit", query=query)
    if as_json:
        click.echo(json.dumps(page, ensure_ascii=False, indent=2))
        return
    if page["broken_at"] is not None:
        click.echo(f"! Entry {page['broken_at']} is not as it was written, or one before it is missing.", err=True)
    for one in page["audit"]:
        click.echo(_entry(one))


def _entry(one: Mapping[str, Any]) -> str:
    who = one["who"] + (f" ({one['how']}, {one['address']})" if one["address"] else f" ({one['how']})")
    times = f" {one['times']} times" if one["times"] > 1 else ""
    change = ""
    if one["result"] == "done" and (one["before"] is not None or one["after"] is not None):
        change = f": {_short(one['before'])} -> {_short(one['after'])}"
    refused = f" refused{times}: {one['detail']}" if one["result"] == "refused" else ""
    return f"{one['id']:>6}  {_moment(one['at'])}  {who}  {one['what']} {one['subject']}{change}{refused}"


def _short(value: Any) -> str:
    return "-" if value is None else json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _scope(
    role: str, *, policies: tuple[str, ...], stations: tuple[str, ...], everything: bool, **_: Any
) -> dict[str, list[str]] | None:
    if everything and (policies or stations):
        raise click.UsageError("--everything goes without --policy and --station")
    if policies or stations:
        return {"policies": list(policies), "stations": list(stations)}
    if not everything and role in {"viewer", "resident"}:
        raise click.UsageError(
            "say what they reach: --policy NAME, --station ID (each as often as needed) or --everything"
        )
    return None


def _reach(one: Mapping[str, Any]) -> str:
    scope = one["scope"]
    return "everything" if scope is None else ", ".join([*scope["policies"], *scope["stations"]]) or "nothing"


def _standing(one: Mapping[str, Any]) -> str:
    if one["locked"]:
        return "locked out"
    if one["has_password"]:
        return "may override modes" if one["modes"] else ""
    until = one["invited_until"]
    return f"invited until {_moment(until)}" if until else f"the invitation is over: noonward auth code {one['name']}"


def _moment(stamp: str) -> str:
    return f"{datetime.fromisoformat(stamp):%Y-%m-%d %H:%M}"


def _table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]], nothing: str) -> None:
    found = list(rows)
    if not found:
        click.echo(nothing)
        return
    if sys.stdout.isatty():
        found.insert(0, head)
    widths = [max(len(row[k]) for row in found) for k in range(len(head))]
    for row in found:
        click.echo("  ".join(text.ljust(width) for text, width in zip(row, widths, strict=True)).rstrip())
