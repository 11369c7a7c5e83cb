"""`assetbridge doctor`: what could go wrong on this machine and in this project, each with the way out."""

from __future__ import annotations

from pathlib import Path

import click

from bridge.cli.options import common_options
from bridge.cli.render import print_json, print_line
from bridge.core.errors import EXIT_DONE, EXIT_FAILED


@click.command()
@common_options
def doctor(project_dir: Path | None, as_json: bool, verbose: bool) -> int:
    """Look for what could go wrong: installation, targets, engine settings, specs, lock and store."""
    from bridge.operations.doctor import list_findings

    del verbose
    found = list_findings(project_dir)
    bad = any(finding.level == "problem" for finding in found)
    if as_json:
        print_json({"ok": not bad, "findings": [finding.as_dict() for finding in found]})
    else:
        for finding in found:
            print_line(f"{finding.level:<8} {finding.what}")
            if finding.hint:
                print_line(f"{'':<8} → {finding.hint}")
    return EXIT_FAILED if bad else EXIT_DONE
