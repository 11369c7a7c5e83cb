"""`assetbridge daemon`: a background process that editors talk to."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from bridge.cli.errors import pluralize
from bridge.cli.options import common_options
from bridge.cli.output import print_json, print_line
from bridge.cli.remote_build import root_of
from bridge.core.errors import EXIT_DONE, EXIT_FAILED, UserError
from bridge.core.paths import DAEMON_FILE, find_project

if TYPE_CHECKING:
    from bridge.daemon.runtime import Runtime


@click.group("daemon")
def daemon_command() -> None:
    """A background process for one project: editors' addons show and build assets through it."""


@daemon_command.command("start")
@common_options
def start_command(project_dir: Path | None, as_json: bool, verbose: bool) -> int:
    """Start it unless it runs; it listens on this machine alone and asks for the token of .assetbridge/daemon.json."""
    from bridge.cli.trust_question import ask_at_start
    from bridge.daemon.process import control

    del verbose
    ask_at_start(project_dir, for_programs=as_json)
    daemon, now = control.start_daemon(root_of(project_dir))
    if as_json:
        print_json({"daemon": {"pid": daemon.pid, "port": daemon.port}, "started": now})
    else:
        print_line(f"daemon {'started' if now else 'runs already'}: process {daemon.pid}, port {daemon.port}")
    return EXIT_DONE


@daemon_command.command("stop")
@common_options
def stop_command(project_dir: Path | None, as_json: bool, verbose: bool) -> int:
    """Stop it at its next safe point. Orders that are on their way are collected by the next build."""
    from bridge.daemon.process import control

    del verbose
    daemon = control.stop_daemon(find_daemon_root(project_dir))
    if as_json:
        print_json({"daemon": None, "stopped": daemon is not None})
    else:
        print_line("daemon stopped" if daemon else "no daemon runs")
    return EXIT_DONE


@daemon_command.command("status")
@common_options
def status_command(project_dir: Path | None, as_json: bool, verbose: bool) -> int:
    """Whether it runs: exit code 0 if so, else 1."""
    from bridge.daemon import runtime
    from bridge.daemon.process import control

    del verbose
    root = find_daemon_root(project_dir)
    daemon = control.find_daemon(root)
    if daemon is None:
        problem = runtime.load_record(root).problem
        if as_json:
            print_json({"daemon": None})
        else:
            print_line("no daemon runs")
            if problem:
                print_line(f"note: {DAEMON_FILE} {problem}; `assetbridge daemon start` writes it anew")
        return EXIT_FAILED
    health = _ask_health(daemon)
    notice, owed = health.get("notice"), health.get("owed")
    if as_json:
        facts = {"pid": daemon.pid, "port": daemon.port, "version": daemon.version, "notice": notice, "owed": owed}
        print_json({"daemon": facts})
        return EXIT_DONE
    print_line(f"daemon runs: process {daemon.pid}, port {daemon.port}")
    if notice:
        print_line(f"note: {notice}")
    if owed:
        print_line(f"owed since {pluralize(owed['attempts'], 'attempt')}: {owed['error']['message']}")
        print_line("      it is tried again by itself; a save, or the cause gone, is enough")
    return EXIT_DONE


def _ask_health(daemon: Runtime) -> dict[str, Any]:
    """The daemon's own words; it may have ended since it was found."""
    from bridge.daemon import runtime

    try:
        return runtime.request_json(daemon, "GET", "/v1/health")[1]
    except (OSError, ValueError):
        return {}


def find_daemon_root(project_dir: Path | None) -> Path:
    """The folder whose daemon is meant: also one whose assetbridge.toml is damaged or gone, for its daemon lives on.

    Raises:
        UserError: `no_project`.
    """
    start = (project_dir or Path.cwd()).absolute()
    try:
        return find_project(start)
    except UserError:
        for folder in (start, *start.parents):
            if (folder / DAEMON_FILE).is_file():
                return folder
        raise
