"""The shape of the house: arrows between rooms, empty __init__.py, nothing that names a machine."""

from __future__ import annotations

import ast
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
ROOMS = ("crawlers", "nlp", "warehouse", "flows")
# What each room may import of the others: a prefix of a module name.
ALLOWED = {
    "crawlers": (),
    "nlp": ("crawlers.items",),
    "warehouse": ("crawlers.items", "nlp.facts"),
    "flows": ("crawlers", "nlp", "warehouse"),
}


def imports(path: Path) -> set[str]:
    """Every module that a file imports, imports inside functions and under TYPE_CHECKING included."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative import"
            found.update(f"{node.module}.{alias.name}" for alias in node.names)
    return found


@pytest.mark.parametrize("room", ROOMS)
def test_arrows(room: str) -> None:
    """A room imports only what the design allows; tests and benchmarks are imported by nobody."""
    wrong = []
    files = sorted((ROOT / room).rglob("*.py"))
    assert files, f"no Python in {room}"
    for path in files:
        for module in imports(path):
            top = module.split(".")[0]
            if top in ("tests", "benchmarks"):
                wrong.append(f"{path.relative_to(ROOT)} imports {module}")
            elif top in ROOMS and top != room:
                allowed = any(module == p or module.startswith(p + ".") for p in ALLOWED[room])
                if not allowed:
                    wrong.append(f"{path.relative_to(ROOT)} imports {module}")
    assert wrong == []


def test_init_files_are_empty() -> None:
    full = [p for room in ROOMS for p in (ROOT / room).rglob("__init__.py") if p.read_text().strip()]
    assert full == []


def test_no_utils() -> None:
    assert [p for room in ROOMS for p in (ROOT / room).rglob("util*.py")] == []


def test_nothing_names_a_machine() -> None:
    """No tracked text names an absolute path of a build machine or a private mirror."""
    pattern = r"(^|[^A-Za-z0-9_.])/(work|root)/[a-z]|\.\./shared"
    done = subprocess.run(
        ["git", "grep", "-nIE", pattern, "--", ".", ":!tests/house/test_house.py"],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    if done.returncode == 128:
        pytest.skip("not a git checkout")
    assert done.stdout == ""
