"""What the rooms' tests share: one undisturbed run of the demo, made once a session."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

# Two cores are shared by everything that a test starts.
os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")


@dataclass(frozen=True)
class DemoRun:
    """A finished demo: its data folder and what it said."""

    data: Path
    said: str

    @property
    def published(self) -> Path:
        return self.data / "published.duckdb"

    @property
    def warehouse(self) -> Path:
        return self.data / "warehouse.duckdb"


def veilleur(*arguments: str | Path, cwd: Path | None = None, **env: str) -> subprocess.CompletedProcess[str]:
    """Run the command line as a user does."""
    return subprocess.run(
        [sys.executable, "-m", "flows.cli", *map(str, arguments)], capture_output=True, text=True, check=False,
        cwd=cwd, env={**os.environ, **env},
    )  # fmt: skip


@pytest.fixture(scope="session")
def demo_run(tmp_path_factory: pytest.TempPathFactory) -> DemoRun:
    """``veilleur demo``, run once; tests read what it left and change nothing."""
    data = tmp_path_factory.mktemp("demo") / "data"
    done = veilleur("demo", "--data", data)
    assert done.returncode == 0, done.stderr[-4000:]
    return DemoRun(data, done.stdout)
