"""``python -m benchmarks``: says which benchmarks there are and how to run them."""

from __future__ import annotations

from pathlib import Path

for path in sorted(Path(__file__).parent.glob("*.py")):
    if not path.name.startswith("__"):
        doc = path.read_text(encoding="utf-8").split('"""')
        print(f"python -m benchmarks.{path.stem:12} {doc[1].strip().splitlines()[0] if len(doc) > 1 else ''}")
