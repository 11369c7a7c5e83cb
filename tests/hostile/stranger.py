"""What a stranger commits at least, the keys of the user that he is after, and the command line run in his folder."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

KEYS = {
    "PIXELLAB_API_KEY": "hostile-test-pixellab-key",
    "SPRIXEN_API_KEY": "hostile-test-sprixen-key",
    "AWS_SECRET_ACCESS_KEY": "hostile-test-aws-secret",
}
PROJECT = '[project]\nname = "stranger"\nid = "stranger1"\n[targets.json]\noutput = "export"\n'
SPRITE = 'kind = "sprite"\ndescription = "red gem"\nsize = [16, 16]\n'


def run_bridge(
    folder: Path, *arguments: str, answer: str = "", environment: dict[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    """Runs the command line in a folder as a user would; a traceback or a hang fails the test."""
    done = subprocess.run(
        [sys.executable, "-m", "bridge", *arguments],
        cwd=folder,
        input=answer,
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=120,
        env={**os.environ, "PYTHONSAFEPATH": "1", **(environment or {})},
        check=False,
    )
    assert "Traceback" not in done.stderr + done.stdout, done.stderr
    assert done.returncode != 70, done.stderr
    return done
