"""A process that has imported what a crawl needs, and forks a child for each crawl.

Importing Scrapy, Twisted and the extractors costs a second of CPU, as much as reading a hundred pages; a morning
crawls more than a hundred sources. Each crawl still is a process of its own: a reactor, a memory limit and a fate of
its own. The server takes one JSON object a line and answers one a line; when its input ends, because the process that
started it is done or was killed, it kills what still runs and ends, so that no orphan holds a source's state.
"""

from __future__ import annotations

import atexit
import json
import os
import selectors
import signal
import subprocess
import sys
import tempfile
import threading
import traceback
from collections.abc import Sequence
from concurrent.futures import Future
from importlib import import_module
from pathlib import Path
from typing import Any

LOG_BYTES = 4_000
"""What is kept of what a crawl wrote to its standard error."""


class ServerGone(RuntimeError):
    """The fork server ended; the crawl may be started in another way."""


# --- the side of the caller ------------------------------------------------------------------------------------------


class ForkServer:
    """A running fork server; safe to use from many threads."""

    def __init__(self) -> None:
        self.owner = os.getpid()
        self._process = subprocess.Popen(  # noqa: S603  (our own module)
            [sys.executable, "-m", "crawlers.forkserver"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        self._lock = threading.Lock()
        self._waiting: dict[int, Future[int]] = {}
        self._next = 0
        threading.Thread(target=self._read, name="crawl-forkserver", daemon=True).start()
        atexit.register(self.close)

    @property
    def alive(self) -> bool:
        """Whether it can be asked: running, and started by this very process."""
        return self.owner == os.getpid() and self._process.poll() is None

    def run(self, arguments: Sequence[str], timeout_s: float) -> tuple[int, str]:
        """Run ``crawlers.run.main(arguments)`` in a forked child; returns its exit status and last words.

        Raises TimeoutError after killing a child that takes longer, :class:`ServerGone` where the server ended.
        """
        with tempfile.NamedTemporaryFile(prefix="veilleur-crawl-", suffix=".log") as log:
            future: Future[int] = Future()
            with self._lock:
                self._next += 1
                number = self._next
                self._waiting[number] = future
            self._say(
                {"id": number, "run": list(arguments), "log": log.name, "cwd": str(Path.cwd()), "env": dict(os.environ)}
            )
            try:
                status = future.result(timeout_s)
            except TimeoutError:
                self._say({"id": number, "kill": True})
                raise
            return status, Path(log.name).read_bytes()[-LOG_BYTES:].decode("utf-8", "replace")

    def close(self) -> None:
        """End the server and what it runs."""
        if self.owner == os.getpid() and self._process.stdin is not None and not self._process.stdin.closed:
            self._process.stdin.close()
            self._process.wait(10)

    def _say(self, message: dict[str, Any]) -> None:
        stream = self._process.stdin
        try:
            with self._lock:
                if stream is None or stream.closed:
                    raise ServerGone("closed")
                stream.write(json.dumps(message) + "\n")
                stream.flush()
        except (OSError, ValueError) as error:
            raise ServerGone(str(error)) from error

    def _read(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            answer = json.loads(line)
            with self._lock:
                future = self._waiting.pop(answer["id"], None)
            if future is not None:
                future.set_result(answer["status"])
        with self._lock:
            left = list(self._waiting.values())
            self._waiting.clear()
        for future in left:
            future.set_exception(ServerGone("the fork server ended"))


_server: ForkServer | None = None
_starting = threading.Lock()


def server() -> ForkServer:
    """This process's fork server, started on first use."""
    global _server
    with _starting:
        if _server is None or not _server.alive:
            _server = ForkServer()
        return _server


# --- the side of the server ------------------------------------------------------------------------------------------


def serve() -> None:
    """Answer requests on standard input until it ends."""
    for name in _NEEDED:
        import_module(name)
    answers = os.fdopen(os.dup(1), "w", buffering=1)
    os.dup2(2, 1)  # nobody's print may get between the answers
    wake_read, wake_write = os.pipe()
    os.set_blocking(wake_read, False)
    os.set_blocking(wake_write, False)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    signal.set_wakeup_fd(wake_write, warn_on_full_buffer=False)
    # A terminal's Ctrl-C goes to the whole group: the caller decides, by closing the input.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    children: dict[int, int] = {}
    pending = b""
    with selectors.DefaultSelector() as selector:
        selector.register(0, selectors.EVENT_READ)
        selector.register(wake_read, selectors.EVENT_READ)
        while True:
            ready = {key.fd for key, _ in selector.select()}
            if wake_read in ready:
                os.read(wake_read, 4096)
                _reap(children, answers)
            if 0 in ready:
                data = os.read(0, 1 << 16)
                if not data:
                    break
                *lines, pending = (pending + data).split(b"\n")
                for line in lines:
                    _handle(json.loads(line), children)
    for pid in children:
        os.kill(pid, signal.SIGKILL)


_NEEDED = (
    "scrapy.core.downloader.handlers.http11",
    "scrapy.core.engine",
    "scrapy.core.scheduler",
    "scrapy.core.scraper",
    "scrapy.crawler",
    "scrapy.downloadermiddlewares.httpcompression",
    "scrapy.downloadermiddlewares.httpproxy",
    "scrapy.downloadermiddlewares.redirect",
    "scrapy.extensions.closespider",
    "scrapy.extensions.corestats",
    "scrapy.extensions.throttle",
    "crawlers.memory",
    "crawlers.middlewares",
    "crawlers.network",
    "crawlers.reread",
    "crawlers.run",
    "crawlers.settings",
    "crawlers.spiders.news",
)
"""What a crawl imports; not Twisted's reactor, which is each child's own."""


def _reap(children: dict[int, int], answers: Any) -> None:
    while children:
        pid, status = os.waitpid(-1, os.WNOHANG)
        if pid == 0:
            return
        number = children.pop(pid, None)
        if number is not None:
            answers.write(json.dumps({"id": number, "status": os.waitstatus_to_exitcode(status)}) + "\n")


def _handle(request: dict[str, Any], children: dict[int, int]) -> None:
    if request.get("kill"):
        for pid, number in children.items():
            if number == request["id"]:
                os.kill(pid, signal.SIGKILL)
        return
    pid = os.fork()
    if pid:
        children[pid] = request["id"]
        return
    status = 1
    try:
        status = _crawl(request)
    except SystemExit as end:
        status = end.code if isinstance(end.code, int) else 1
    except BaseException:  # noqa: BLE001  (the child ends here, whatever happened; its log says what)
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(status)


def _crawl(request: dict[str, Any]) -> int:
    """The child: its own signals, streams, environment and folder, then the crawl."""
    signal.set_wakeup_fd(-1)
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    nothing = os.open(os.devnull, os.O_RDONLY)
    log = os.open(request["log"], os.O_WRONLY | os.O_APPEND)
    os.dup2(nothing, 0)
    os.dup2(log, 1)
    os.dup2(log, 2)
    os.environ.clear()
    os.environ.update(request["env"])
    os.chdir(request["cwd"])
    from crawlers.run import main

    return main(request["run"])


if __name__ == "__main__":
    serve()
