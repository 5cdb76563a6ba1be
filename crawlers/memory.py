"""The memory guard of a crawl, by what the process holds now."""

from __future__ import annotations

import psutil
from scrapy.extensions.memusage import MemoryUsage


class ResidentMemory(MemoryUsage):
    """Scrapy's guard looks at the peak that the kernel reports, and on Linux a child begins with its parent's peak:
    a crawl started by a process that has models loaded would be over its limit before its first request."""

    def get_virtual_size(self) -> int:
        """Bytes that are resident now."""
        return int(psutil.Process().memory_info().rss)
