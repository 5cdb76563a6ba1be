"""Scrapy's settings of one crawl: a good guest's defaults, the source's own politeness, bounds on everything."""

from __future__ import annotations

from importlib.metadata import version
from typing import Any

from crawlers.context import Crawl
from crawlers.urls import host_of

ROBOT_PAGE = "https://github.com/veilleur/veilleur"
MEMORY_LIMIT_MB = 1_500
# Importing what is not used is a third of a short crawl.
_UNUSED_EXTENSIONS = (
    "scrapy.extensions.memusage.MemoryUsage",
    "scrapy.extensions.memdebug.MemoryDebugger",
    "scrapy.extensions.telnet.TelnetConsole",
    "scrapy.extensions.remote_control.RemoteControl",
    "scrapy.extensions.feedexport.FeedExporter",
    "scrapy.extensions.logstats.LogStats",
    "scrapy.extensions.spiderstate.SpiderState",
)


def user_agent(contact: str | None) -> str:
    """Who we are and how to reach us: an address or page of the one who runs the crawler.

    >>> user_agent("veille@example.org").split(" ", 1)[1]
    '(+veille@example.org)'
    """
    return f"Veilleur/{version('veilleur')} (+{contact or ROBOT_PAGE})"


def settings_for(crawl: Crawl) -> dict[str, Any]:
    """All settings of a crawl."""
    politeness, options = crawl.source.politeness, crawl.options
    slow = not options.no_delay
    delay = politeness.delay_s if politeness.delay_s is not None else 1.0
    return {
        "USER_AGENT": user_agent(options.contact),
        "DEFAULT_REQUEST_HEADERS": {
            "Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8",
            "Accept-Language": "fr,en;q=0.3",
        },
        # Politeness. The gate does one request at a time a host over all processes; AutoThrottle adapts the delay.
        "CONCURRENT_REQUESTS": 32,
        "CONCURRENT_REQUESTS_PER_DOMAIN": politeness.concurrency,
        "DOWNLOAD_DELAY": delay if slow else 0,
        "AUTOTHROTTLE_ENABLED": slow,
        "AUTOTHROTTLE_START_DELAY": max(delay, 1.0),
        "AUTOTHROTTLE_MAX_DELAY": 60,
        "RETRY_TIMES": 2,
        "RETRY_GIVE_UP_LOG_LEVEL": "DEBUG",
        # Bounds.
        "DOWNLOAD_TIMEOUT": politeness.timeout_s,
        "DNS_TIMEOUT": min(20.0, politeness.timeout_s),
        "DOWNLOAD_MAXSIZE": int(politeness.max_page_mb * 1024 * 1024),
        "DOWNLOAD_WARNSIZE": 0,
        "DOWNLOAD_FAIL_ON_DATALOSS": True,
        "DOWNLOAD_VERIFY_CERTIFICATES": True,
        "REDIRECT_MAX_TIMES": 8,
        "METAREFRESH_MAXDELAY": 10,
        "CLOSESPIDER_TIMEOUT": politeness.budget_s,
        "MEMUSAGE_LIMIT_MB": MEMORY_LIMIT_MB,
        "MEMUSAGE_CHECK_INTERVAL_SECONDS": 2,
        "EXTENSIONS": {
            "crawlers.memory.ResidentMemory": 0,
            **dict.fromkeys(_UNUSED_EXTENSIONS, None),
        },
        "URLLENGTH_LIMIT": 2083,
        "DEPTH_LIMIT": 0,
        # What every request passes.
        "DOWNLOADER_MIDDLEWARES": {
            "scrapy.downloadermiddlewares.offsite.OffsiteMiddleware": None,
            "scrapy.downloadermiddlewares.robotstxt.RobotsTxtMiddleware": None,
            "scrapy.downloadermiddlewares.retry.RetryMiddleware": None,
            **({} if crawl.source.cookies_env else {"scrapy.downloadermiddlewares.cookies.CookiesMiddleware": None}),
            "crawlers.middlewares.AddressGuard": 30,
            "crawlers.middlewares.Robots": 100,
            "crawlers.middlewares.TdmFile": 110,
            "crawlers.middlewares.RetryAfter": 550,
            "crawlers.middlewares.HostGate": 950,
        },
        "DOWNLOAD_HANDLERS": {"file": None, "data": None, "ftp": None, "s3": None},
        "TWISTED_DNS_RESOLVER": "crawlers.network.GuardedResolver",
        "VEILLEUR_ALLOW_PRIVATE": options.allow_private,
        "VEILLEUR_PRIVATE_HOSTS": [host_of(options.proxy)] if options.proxy else [],
        # A quiet process that opens no ports.
        "TELNETCONSOLE_ENABLED": False,
        "REMOTE_CONTROL_ENABLED": False,
        "LOG_LEVEL": "WARNING",
        "STATS_DUMP": False,
        # Its check parses the callback's source at every response: a tenth of the crawl.
        "WARN_ON_GENERATOR_RETURN_VALUE": False,
        # No cookies are kept but a subscription's (Scrapy's jar would ask a public list of suffixes over the network).
        "COOKIES_ENABLED": crawl.source.cookies_env is not None,
        "REFERER_ENABLED": True,
    }
