"""`assetbridge init`."""

from __future__ import annotations

from pathlib import Path

import click

from bridge.cli.options import common_options, record_launcher
from bridge.cli.output import print_json, print_line, print_note


@click.command("init")
@click.argument("directory", type=click.Path(path_type=Path, file_okay=False), default=".")
@common_options
@click.option("--name", help="The project's name. Default: the folder's name.")
@click.option("--git", "only_git", is_flag=True, help="Only set up git in this clone of a project that is there.")
@click.option(
    "--ci", "service", type=click.Choice(["github"]), help="Only write a check for this service, without keys."
)
def init_command(
    directory: Path,
    project_dir: Path | None,
    as_json: bool,
    verbose: bool,
    name: str | None,
    only_git: bool,
    service: str | None,
) -> int:
    """Make a folder an assetbridge project: finds Godot, Tiled and Unity in it and sets up a target for each."""
    from bridge.core.errors import WorkFailed
    from bridge.operations.init_project import init_project
    from bridge.operations.set_up_git import set_merge_driver
    from bridge.operations.trust_project import trust_made_project

    del verbose
    root = (project_dir or directory).resolve()
    if only_git or service is not None:
        return _set_up(root, with_git=only_git, with_ci=service is not None, as_json=as_json)
    written, targets = init_project(root, name)
    untrusted = trust_made_project(root)
    try:
        set_merge_driver(root)
    except WorkFailed as error:
        print_note(f"note: {error.message}. {error.hint}")
    record_launcher(root)
    if untrusted:
        print_note(f"note: the project is not trusted: {untrusted}")
    if as_json:
        print_json({"root": ".", "files": written, "targets": targets})
        return 0
    for path in written:
        print_line(f"wrote {path}")
    print_line(f"targets: {', '.join(targets)}")
    print_line("next: assetbridge new character hero, then assetbridge build")
    return 0


def _set_up(start: Path, *, with_git: bool, with_ci: bool, as_json: bool) -> int:
    """What a project that is there gets besides."""
    from bridge.config.project_config import read_config
    from bridge.core.errors import UserError
    from bridge.core.paths import find_project
    from bridge.core.root_folder import RootFolder
    from bridge.operations.set_up_ci import write_github_check
    from bridge.operations.set_up_git import set_merge_driver, write_git_files

    config = read_config(find_project(start))
    written = []
    if with_git:
        if not set_merge_driver(config.root):
            raise UserError("usage", "this project is in no git repository", hint="Run `git init` first.")
        written += write_git_files(RootFolder(config.root), (target.path for target in config.targets.values()))
    if with_ci:
        written.append(write_github_check(config.root))
    if as_json:
        print_json({"root": ".", "files": written, "targets": list(config.targets)})
        return 0
    for path in written:
        print_line(f"wrote {path}")
    if with_git:
        print_line("git merges assetbridge.lock by itself in this clone")
    return 0
