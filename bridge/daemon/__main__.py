"""`python -m bridge.daemon DIR`: what `assetbridge daemon start` runs in the background, output into daemon.log."""

from __future__ import annotations

import sys
from pathlib import Path

from bridge.core.errors import BridgeError
from bridge.daemon.process.serve import serve_project


def main() -> int:
    """Serves the project of the folder in the first argument; returns the exit code."""
    try:
        serve_project(Path(sys.argv[1]))
    except BridgeError as error:
        sys.stderr.write(f"error: {error}\n")
        return error.exit_code
    return 0


if __name__ == "__main__":
    sys.exit(main())
