"""The command line. `--version`, `status` and a `plan` without changes answer before click is imported.

Commands load when they are run. What stands here at the top is imported while the working folder may still be on the
path of modules (`bridge.core.module_path`).
"""

import io
import sys
from collections.abc import Sequence

from bridge.core.module_path import leave_working_folder


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs a command line (without the program's name) and returns the exit code."""
    leave_working_folder()
    words = list(sys.argv[1:] if arguments is None else arguments)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            # A pipe on Windows is not UTF-8: a letter it lacks must not end the command.
            stream.reconfigure(errors="backslashreplace")
    from bridge.cli.output import print_line
    from bridge.core.visible import guard_streams

    if words == ["--version"]:
        from bridge import __version__

        print_line(f"assetbridge {__version__}")
        return 0
    from bridge.cli.errors import run_guarded

    with guard_streams():
        return run_guarded(lambda: _run_words(words), words)


def _run_words(words: list[str]) -> int:
    code = None
    if words[:1] == ["status"]:
        from bridge.cli.fast.status import answer_status

        code = answer_status(words[1:])
    elif words[:1] == ["plan"]:
        from bridge.cli.fast.plan import answer_plan

        code = answer_plan(words[1:])
    if code is not None:
        return code
    from bridge.cli.group import run_words

    return run_words(words)
