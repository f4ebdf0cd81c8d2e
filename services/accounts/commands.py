"""Commands of the command line for sign-ins."""

from __future__ import annotations

import secrets
from typing import Any

import click
from sqlalchemy import delete
from sqlalchemy.orm import Session

from services.accounts import hashing, schemas
from services.accounts.models import Staff
from services.accounts.use_cases import sessions, staff
from shared.auth import EVERYWHERE, ROLES, Principal
from shared.database import Database
from shared.problems import Problem
from shared.settings import Settings

SYSTEM = Principal("system", "service", "command line")


@click.group()
def accounts() -> None:
    """Sign-ins of staff."""


@accounts.command()
@click.argument("login")
@click.option("--name", required=True, help="as colleagues know them")
@click.option("--role", "roles", multiple=True, required=True, help="ROLE for everywhere, or ROLE:BRANCH; repeatable")
@click.option("--password", prompt=False, envvar="KITAPHANA_NEW_PASSWORD", help="made at random when not given")
@click.pass_obj
def create(settings: Settings, login: str, name: str, roles: tuple[str, ...], password: str | None) -> None:
    """Adds a member of staff and prints the password once when it was made here."""
    given = password or hashing.new_password() + secrets.token_hex(2)
    fields = {"login": login, "name": name, "roles": _roles(roles), "password": given}
    if errors := schemas.Staff().validate(fields):
        raise click.UsageError("; ".join(f"{field}: {' '.join(map(str, said))}" for field, said in errors.items()))
    try:
        with Database("accounts", settings).transaction() as session:
            staff.add(session, SYSTEM, fields)
    except Problem as problem:
        raise click.ClickException(_one_line(problem)) from problem
    click.echo(f"{login} may sign in" + ("" if password else f"; password: {given}"))


@accounts.command("remove-samples")
@click.pass_obj
def remove_samples(settings: Settings) -> None:
    """Removes the sign-ins that a first start made."""
    with Database("accounts", settings).transaction() as session:
        gone = _remove_samples(session)
    (settings.home / "demo-accounts.json").unlink(missing_ok=True)
    click.echo(f"{gone} removed")


def _remove_samples(session: Session) -> int:
    gone = session.scalars(delete(Staff).where(Staff.sample.is_(True)).returning(Staff.id)).all()
    for staff_id in gone:
        sessions.end_all_of(session, f"staff:{staff_id}")
    return len(gone)


def _roles(given: tuple[str, ...]) -> dict[str, Any]:
    roles: dict[str, Any] = {}
    for each in given:
        role, _, branch = each.partition(":")
        if role not in ROLES:
            raise click.UsageError(f"unknown role {role!r}; use one of {', '.join(ROLES)}")
        if not branch or roles.get(role) == EVERYWHERE:
            roles[role] = EVERYWHERE
        else:
            roles.setdefault(role, []).append(branch)
    return roles


def _one_line(problem: Problem) -> str:
    errors = problem.errors or {}
    return "; ".join(f"{field}: {' '.join(said)}" for field, said in errors.items()) or str(problem)


COMMANDS = [accounts]
