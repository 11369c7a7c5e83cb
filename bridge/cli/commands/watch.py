"""`assetbridge watch`."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from bridge.cli.errors import error_lines, pluralize
from bridge.cli.options import common_options
from bridge.cli.output import flush_output, print_json, print_line, print_notes

if TYPE_CHECKING:
    from bridge.watch.events import WatchEvent


@click.command("watch")
@common_options
@click.option("--events", "as_events", is_flag=True, help="One JSON object a line as things happen.")
def watch_command(project_dir: Path | None, as_json: bool, verbose: bool, as_events: bool) -> int:
    """Build what a save changes, until Ctrl-C. Buys only inside a [budget]; never asks."""
    from bridge.cli.trust_question import ask_at_start
    from bridge.watch.loop import WatchLoop

    ask_at_start(project_dir, for_programs=as_json or as_events)
    summary = _WatchSummary()

    def on_event(event: WatchEvent) -> None:
        if as_events:
            print_json(event.as_dict())
        elif as_json:
            summary.add(event)
        else:
            _show_event(event, verbose=verbose)
        flush_output()

    WatchLoop(project_dir, on_event).run()
    if as_json and not as_events:
        print_json(summary.as_dict())
    return 0


class _WatchSummary:
    """What came of a whole run: the last result of every asset that was built, and what is still wrong."""

    def __init__(self) -> None:
        self._assets: dict[str, Mapping[str, Any]] = {}
        self._errors: dict[str, Mapping[str, Any]] = {}

    def add(self, event: WatchEvent) -> None:
        """Takes an event in."""
        if event.name == "asset":
            self._assets[event.data["id"]] = event.data
        elif event.name == "error":
            self._errors[event.data["id"]] = event.data
        elif event.name == "cleared":
            self._errors.pop(event.data["id"], None)

    def as_dict(self) -> dict[str, Any]:
        """The JSON form: results as in `build --json`, errors as in `--events`."""
        return {
            "assets": [self._assets[asset_id] for asset_id in sorted(self._assets)],
            "errors": [dict(self._errors[subject]) for subject in sorted(self._errors)],
        }


def _show_event(event: WatchEvent, *, verbose: bool) -> None:
    """An event as people read it: nothing for what needs no eye."""
    data = event.data
    if event.name == "watching":
        print_line(f"watching {pluralize(data['assets'], 'spec')}; Ctrl-C ends it")
    elif event.name == "notice":
        print_line(f"note: {data['message']}")
    elif event.name == "changed" and verbose:
        print_line(f"changed: {', '.join(data['paths'])}")
    elif event.result is not None:
        files = f"  {pluralize(len(event.result.changed), 'file')}" if event.result.changed else ""
        print_line(f"{event.result.state:<8} {event.result.id}{files}")
        for note in event.result.notes:
            print_line(f"         note: {note}")
    elif event.name == "cleared":
        print_line(f"mended   {data['id']}")
    elif event.name == "orphan":
        print_line(f"orphan   {data['id']}: its spec is gone; `assetbridge clean` removes its files")
    elif event.name == "stopped":
        print_line("stopped; everything finished is kept")
    for error in event.errors:
        print_notes(error_lines(error))
