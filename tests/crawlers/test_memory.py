"""A crawl's memory guard counts the crawl's own memory."""

from __future__ import annotations

import subprocess
import sys

CHILD = """
from scrapy.utils.test import get_crawler
from crawlers.memory import ResidentMemory
crawler = get_crawler(settings_dict={"MEMUSAGE_ENABLED": True, "MEMUSAGE_LIMIT_MB": 1})
print(ResidentMemory(crawler).get_virtual_size())
"""
PARENT = f"""
import subprocess, sys
held = bytearray(600 * 1024 * 1024)
held[::4096] = b"x" * len(held[::4096])
print(subprocess.run([sys.executable, "-c", {CHILD!r}], capture_output=True, text=True, check=True).stdout)
"""


def test_parents_memory_does_not_count() -> None:
    """The peak that a child inherits from a large parent is not its own."""
    done = subprocess.run([sys.executable, "-c", PARENT], capture_output=True, text=True, check=True)
    assert 1024**2 < int(done.stdout) < 400 * 1024**2
