"""The command line. `--version` and `status` answer before click is imported; commands load when they are run."""

from __future__ import annotations

import io
import sys
from collections.abc import Sequence


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs a command line (without the program's name) and returns the exit code."""
    words = list(sys.argv[1:] if arguments is None else arguments)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            # A pipe on Windows is not UTF-8: a letter it lacks must not end the command.
            stream.reconfigure(errors="backslashreplace")
    if words == ["--version"]:
        from bridge import __version__

        sys.stdout.write(f"assetbridge {__version__}\n")
        return 0
    from bridge.cli.run import guarded

    if words[:1] == ["status"] and not any(word in ("-h", "--help") for word in words):
        from bridge.cli.status import status

        return guarded(lambda: status(words[1:]), words)
    return guarded(lambda: _click(words), words)


def _click(words: list[str]) -> int:
    from bridge.cli.app import run

    return run(words)
