"""What the rooms' tests share: one undisturbed run of the demo, made once a session."""

from __future__ import annotations

import os
import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]

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


@pytest.fixture(scope="session")
def demo_run(tmp_path_factory: pytest.TempPathFactory) -> DemoRun:
    """``make demo``, run once; tests read what it left and change nothing."""
    data = tmp_path_factory.mktemp("demo") / "data"
    done = subprocess.run(["make", "-s", "demo", f"DATA={data}"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-4000:]
    return DemoRun(data, done.stdout)
