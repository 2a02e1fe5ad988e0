"""``portal run``, ``portal worker`` and ``portal sandbox``: the processes of the product."""

import os
import sys
from dataclasses import replace
from urllib.parse import urlsplit

import click

from partners.sandbox.lenders import lender_secret
from partners.sandbox.stage import POST
from portal.commands.database import load_once, with_database
from portal.commands.supervising import (
    AlreadyRunning,
    PortTaken,
    ProcessEnded,
    Supervisor,
    only_one,
    refuse_taken_port,
)
from portal.config import Settings
from portal.demo.accounts import ACCOUNTS, PASSWORD
from portal.demo.following import run_follow_calendar
from portal.demo.lender_side import dossiers_path
from portal.runtime import Runtime
from portal.upgrade import application_url, bring_up_to_date
from portal.worker import work

FIRST_ANSWER_SECONDS = 60


@click.command()
@click.pass_obj
def run(settings: Settings) -> None:
    """Start everything on this machine: database, web, one worker and, in demo mode, the sandbox partners."""
    try:
        with only_one(settings.var_directory / "running.lock"):
            refuse_taken_port(settings.web_port, "PORTAL_PORT")
            if settings.is_demo:
                refuse_taken_port(sandbox_port(settings), "PORTAL_SANDBOX_URL")
            with with_database(settings) as ready:
                run_processes(ready)
    except AlreadyRunning as other:
        raise click.ClickException(
            f"already running here (process {other}); stop it first, or set PORTAL_VAR to another directory"
        ) from other
    except (PortTaken, ProcessEnded, TimeoutError) as refused:
        raise click.ClickException(str(refused)) from refused


def run_processes(settings: Settings) -> None:
    """Migrate, load the demonstration once, then keep the processes running until asked to stop."""
    bring_up_to_date(settings)
    if settings.is_demo:
        load_once(settings)
    environment = child_environment(settings)
    supervisor = Supervisor()
    supervisor.stop_on_signals()
    try:
        if settings.is_demo:
            supervisor.start("the sandbox", [*own_command(), "sandbox"], environment)
        supervisor.start("the web server", gunicorn_command(settings), environment)
        if settings.is_demo:
            supervisor.wait_for_port(sandbox_port(settings), FIRST_ANSWER_SECONDS)
            with Runtime.running(settings) as runtime:
                run_follow_calendar(runtime)
        supervisor.start("the worker", [*own_command(), "worker"], environment)
        supervisor.wait_for_port(settings.web_port, FIRST_ANSWER_SECONDS)
        if not supervisor.asked_to_stop:
            say_where(settings)
        supervisor.watch()
    finally:
        click.echo("Stopping…")
        supervisor.stop()


@click.command()
@click.option("--until-idle", is_flag=True, help="Stop when no job is waiting.")
@click.pass_obj
def worker(settings: Settings, until_idle: bool) -> None:
    """Do the background work: messages, lenders, deeds, reminders."""
    work(settings, until_idle=until_idle)


@click.command()
@click.pass_obj
def sandbox(settings: Settings) -> None:
    """Play the outside: fictional lenders and a company register, over real HTTP."""
    from partners.sandbox.__main__ import main as serve

    serve(["--port", str(sandbox_port(settings)), "--state", str(dossiers_path(settings))])


def own_command() -> list[str]:
    return [sys.executable, "-m", "portal"]


def gunicorn_command(settings: Settings) -> list[str]:
    """gunicorn on the local address, a few threads to each worker process."""
    return [
        *(sys.executable, "-m", "gunicorn", "wsgi:app"),
        *("--bind", f"127.0.0.1:{settings.web_port}"),
        *("--workers", str(settings.web_workers), "--threads", "4"),
        *("--timeout", "60", "--log-level", "warning"),
    ]


def child_environment(settings: Settings) -> dict[str, str]:
    """What the children need to find the same database and partners."""
    resolved = replace(settings, database_app_url=application_url(settings))
    given = {
        "DATABASE_URL": resolved.database_url,
        "DATABASE_APP_URL": resolved.database_app_url,
        "PORTAL_MODE": settings.mode,
    }
    if settings.is_demo and "PORTAL_REGISTER_URL" not in os.environ:
        given["PORTAL_REGISTER_URL"] = settings.sandbox_url
    if settings.is_demo and "PORTAL_STRIPE_URL" not in os.environ:
        given["PORTAL_STRIPE_URL"] = settings.sandbox_url
    if settings.is_demo and not settings.post_url:
        given["PORTAL_POST_URL"] = f"{settings.sandbox_url.rstrip('/')}/post"
        given["PORTAL_POST_SECRET"] = lender_secret(POST)
    return {**os.environ, **given}


def sandbox_port(settings: Settings) -> int:
    return urlsplit(settings.sandbox_url).port or 8090


def say_where(settings: Settings) -> None:
    """The address, and who can sign in to look around."""
    click.echo(f"\n  Encaisse is ready: {settings.public_url}\n")
    if settings.is_demo:
        click.echo(f"  Demonstration accounts (password for all: {PASSWORD})")
        for account in ACCOUNTS:
            click.echo(f"    {account.email:<38} {account.role}")
    click.echo("\n  Ctrl-C stops everything.\n")
