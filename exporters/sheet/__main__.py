"""`python -m exporters.sheet IN_DIR OUT`: packs the PNG files of a folder into OUT.png and OUT.json.

Frames are named after their files, in the order of the names.
"""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path

from exporters.base import ExportError
from exporters.sheet.folder import pack_folder
from exporters.texts import visible_text

SUMMARY = "Packs the PNG files of a folder into a sheet with JSON."


def main(arguments: list[str] | None = None) -> int:
    """Runs the command; returns the exit code (0 done, 1 failed)."""
    # numpy brings OpenBLAS, which starts a thread for each processor; nothing here multiplies matrices.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    parser = argparse.ArgumentParser(prog="python -m exporters.sheet", description=SUMMARY)
    parser.add_argument("folder", type=Path, help="folder with PNG files of any size")
    parser.add_argument("out", type=Path, help="path of the sheet without suffix")
    parser.add_argument("--padding", type=int, default=1, help="free pixels between frames (default 1)")
    parser.add_argument("--extrude", type=int, default=0, help="repeated border pixels (default 0)")
    parser.add_argument("--max-sheet", type=int, default=2048, help="longest side of a page (default 2048)")
    options = parser.parse_args(arguments)
    try:
        pack_folder(options.folder, options.out, options.padding, options.extrude, options.max_sheet)
    except ExportError as error:
        print(visible_text(f"{error.message} {error.hint}".strip()), file=sys.stderr)
        return 1
    except OSError as error:
        print(visible_text(f"{error.filename or options.folder}: {error.strerror or error}"), file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
