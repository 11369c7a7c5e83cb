"""`assetbridge check`."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from bridge.cli.errors import error_lines, pluralize, print_error, worst_exit_code
from bridge.cli.options import common_options
from bridge.cli.output import print_json, print_line
from bridge.core.errors import EXIT_DONE

if TYPE_CHECKING:
    from bridge.lint.model import ArtFinding
    from bridge.operations.check_art import CheckedAsset
    from bridge.operations.check_project import ProjectCheck


@click.command("check")
@common_options
@click.option("--art", is_flag=True, help="Look at the pixels too; limits are set in [lint].")
def check_command(project_dir: Path | None, as_json: bool, verbose: bool, art: bool) -> int:
    """For CI: specs are valid, lock and outputs are current and unedited. Reads only, no network."""
    from bridge.operations.check_project import check_project
    from bridge.project import Project

    del verbose
    with Project.open(project_dir) as project:
        check = check_project(project, art=art)
    code = worst_exit_code(check.exit_codes)
    if as_json:
        document = {
            "ok": code == EXIT_DONE,
            "findings": [finding.as_dict() for finding in check.findings],
            "errors": [error.as_dict() for error in check.errors],
        }
        print_json(document if check.art is None else {**document, "art": [asset.as_dict() for asset in check.art]})
    else:
        _show_check(check)
    return code


def _show_check(check: ProjectCheck) -> None:
    for error in check.errors:
        print_error(error, as_json=False)
    for finding in check.findings:
        print_line(f"{finding.id}: {finding.state} ({', '.join(finding.reasons)})")
    if check.errors:
        print_line(f"{pluralize(len(check.errors), 'error')} in the specs")
    elif check.findings:
        print_line("not current: run assetbridge build and commit what it writes")
    else:
        print_line("all current")
    if check.art is not None:
        _show_art(check.art)


def _show_art(assets: Sequence[CheckedAsset]) -> None:
    """Prints findings as `file: part, frame, box: what is wrong`, each with the way out."""
    for asset in assets:
        if asset.error is not None:
            for line in error_lines(asset.error):
                print_line(line)
        for finding in asset.findings:
            print_line(f"{asset.file}: {_format_position(finding)}{finding.message} [{finding.rule}]")
            print_line(f"  {finding.fix}")
        if asset.picture:
            print_line(f"  see {asset.picture}")
        whole = [name for name, missing in asset.coverage if not missing]
        if whole:
            print_line(f"{asset.file}: all corner tiles of {', '.join(whole)}")
    count = sum(len(asset.findings) for asset in assets)
    print_line(f"art: {pluralize(count, 'finding')}" if count else "art: nothing found")


def _format_position(finding: ArtFinding) -> str:
    words = [finding.part] if finding.part else []
    if finding.frame is not None:
        more = f" and {len(finding.others)} more" if finding.others else ""
        words.append(f"frame {finding.frame}{more}")
    if finding.box is not None:
        left, top, width, height = finding.box
        words.append(f"{width}×{height} at {left},{top}")
    return ", ".join(words) + ": " if words else ""
