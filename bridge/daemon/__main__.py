"""`python -m bridge.daemon DIR`: what `assetbridge daemon start` runs in the background, output into daemon.log."""

from __future__ import annotations

import sys
import traceback
from pathlib import Path

from bridge.core.errors import EXIT_BUG, BridgeError
from bridge.core.visible import guard_streams, show_text
from bridge.daemon.process.serve import serve_project


def main() -> int:
    """Serves the project of the folder in the first argument; returns the exit code."""
    with guard_streams():
        try:
            serve_project(Path(sys.argv[1]))
        except BridgeError as error:
            sys.stderr.write(f"error: {show_text(str(error))}\n")
            return error.exit_code
        except Exception:  # noqa: BLE001  the interpreter itself would write the trace past the guard
            sys.stderr.write(traceback.format_exc())
            return EXIT_BUG
    return 0


if __name__ == "__main__":
    sys.exit(main())
