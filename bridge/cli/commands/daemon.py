"""daemon: a background process that editors talk to."""

from __future__ import annotations

from pathlib import Path

import click

from bridge.cli.options import common
from bridge.cli.render import emit, say
from bridge.config.project_config import read_config
from bridge.core.errors import EXIT_DONE, EXIT_FAILED
from bridge.core.paths import find_project


@click.group()
def daemon() -> None:
    """A background process for one project: editors' addons show and build assets through it."""


def _root(project_dir: Path | None) -> Path:
    return read_config(find_project(project_dir or Path.cwd())).root


@daemon.command()
@common
def start(project_dir: Path | None, as_json: bool, verbose: bool) -> int:
    """Start it unless it runs; it listens on this machine alone and asks for the token of .assetbridge/daemon.json."""
    from bridge.daemon.process import control

    del verbose
    found, now = control.start_daemon(_root(project_dir))
    if as_json:
        emit({"daemon": {"pid": found.pid, "port": found.port}, "started": now})
    else:
        say(f"daemon {'started' if now else 'runs already'}: process {found.pid}, port {found.port}")
    return EXIT_DONE


@daemon.command()
@common
def stop(project_dir: Path | None, as_json: bool, verbose: bool) -> int:
    """Stop it at its next safe point. Orders that are on their way are collected by the next build."""
    from bridge.daemon.process import control

    del verbose
    found = control.stop_daemon(_root(project_dir))
    if as_json:
        emit({"daemon": None, "stopped": found is not None})
    else:
        say("daemon stopped" if found else "no daemon runs")
    return EXIT_DONE


@daemon.command()
@common
def status(project_dir: Path | None, as_json: bool, verbose: bool) -> int:
    """Whether it runs: exit code 0 if so, else 1."""
    from bridge.daemon import runtime

    del verbose
    found = runtime.find_running(_root(project_dir))
    notice = runtime.request_json(found, "GET", "/v1/health")[1].get("notice") if found else None
    if as_json:
        facts = {"pid": found.pid, "port": found.port, "version": found.version, "notice": notice} if found else None
        emit({"daemon": facts})
    elif found:
        say(f"daemon runs: process {found.pid}, port {found.port}")
        if notice:
            say(f"note: {notice}")
    else:
        say("no daemon runs")
    return EXIT_DONE if found else EXIT_FAILED
