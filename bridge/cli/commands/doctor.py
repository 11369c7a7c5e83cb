"""`assetbridge doctor`: what could go wrong on this machine and in this project, each with the way out."""

from __future__ import annotations

from pathlib import Path

import click

from bridge.cli.options import common_options
from bridge.cli.output import print_json, print_line
from bridge.core.errors import EXIT_DONE, EXIT_FAILED


@click.command("doctor")
@common_options
def doctor_command(project_dir: Path | None, as_json: bool, verbose: bool) -> int:
    """Look for what could go wrong: installation, targets, engine settings, specs, lock and store."""
    from bridge.operations.doctor import list_findings

    del verbose
    findings = list_findings(project_dir)
    is_healthy = all(finding.level != "problem" for finding in findings)
    if as_json:
        print_json({"ok": is_healthy, "findings": [finding.as_dict() for finding in findings]})
    else:
        for finding in findings:
            print_line(f"{finding.level:<8} {finding.what}")
            if finding.hint:
                print_line(f"{'':<8} → {finding.hint}")
    return EXIT_DONE if is_healthy else EXIT_FAILED
