"""``veilleur explore``: the notebook on the published copy."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from flows.settings import Settings
from flows.stages import StageError


def open_notebook(settings: Settings, port: int, browser: bool) -> int:
    """Run the marimo notebook as an app until it is stopped; its exit status. It needs no internet."""
    import warehouse

    if not settings.published_path.exists():
        raise StageError(f"{settings.published_path}: no published copy yet; run veilleur publish first")
    notebook = Path(str(warehouse.__file__)).with_name("explore.py")
    command = [sys.executable, "-m", "marimo", "run", str(notebook), "--host", "127.0.0.1"]
    command += ["--port", str(port)] if port else []
    command += [] if browser else ["--headless"]
    command += ["--", "--published", str(settings.published_path)]
    return subprocess.run(command, check=False, env={**os.environ, "MARIMO_SKIP_UPDATE_CHECK": "1"}).returncode  # noqa: S603
