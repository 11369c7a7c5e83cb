"""`assetbridge daemon`: a background process that editors talk to."""

from __future__ import annotations

from pathlib import Path

import click

from bridge.cli.options import common_options
from bridge.cli.output import print_json, print_line
from bridge.cli.remote_build import root_of
from bridge.core.errors import EXIT_DONE, EXIT_FAILED


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
    daemon = control.stop_daemon(root_of(project_dir))
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

    del verbose
    daemon = runtime.find_running(root_of(project_dir))
    notice = runtime.request_json(daemon, "GET", "/v1/health")[1].get("notice") if daemon else None
    if as_json:
        facts = (
            {"pid": daemon.pid, "port": daemon.port, "version": daemon.version, "notice": notice} if daemon else None
        )
        print_json({"daemon": facts})
    elif daemon:
        print_line(f"daemon runs: process {daemon.pid}, port {daemon.port}")
        if notice:
            print_line(f"note: {notice}")
    else:
        print_line("no daemon runs")
    return EXIT_DONE if daemon else EXIT_FAILED
