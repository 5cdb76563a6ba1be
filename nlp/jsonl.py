"""The JSON Lines contract of ``veilleur read``: ``{"id", "article"}`` in, ``{"id", "language", "facts"}`` out.

One answer a line, in the order of the lines; a line that cannot be used gets ``{"id" or null, "line", "error"}``
and the run goes on. Lines end with U+000A alone: U+2028, U+0085 and a carriage return are text.
"""

from __future__ import annotations

import json
import logging
import multiprocessing
import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from multiprocessing.context import BaseContext
from typing import TYPE_CHECKING, Any, BinaryIO

from pydantic import ValidationError

from crawlers.items import Article
from nlp.facts import Reading

if TYPE_CHECKING:
    from nlp.pipeline import Reader

BATCH = 8

# How the workers' fork server is told which model to load.
PRELOAD = "VEILLEUR_PRELOADED_MODEL"


def lines(stream: BinaryIO) -> Iterator[bytes]:
    """The lines of a binary stream, without their U+000A."""
    for line in stream:
        yield line.removesuffix(b"\n")


def parse(line: bytes) -> tuple[str | None, Article | str]:
    """A line as its id and its article, or what is wrong with it."""
    try:
        row = json.loads(line.decode("utf-8"))
    except UnicodeDecodeError as error:
        return None, f"not UTF-8: {error.reason} at byte {error.start}"
    except (ValueError, RecursionError) as error:
        return None, f"not JSON: {error}"
    if not isinstance(row, dict):
        return None, "not a JSON object"
    ident = row.get("id")
    if not isinstance(ident, str):
        return None, "id is missing or no string"
    if not isinstance(row.get("article"), dict):
        return ident, "article is missing or no object"
    try:
        return ident, Article.model_validate(_clean(row["article"]))
    except ValidationError as error:
        first = error.errors()[0]
        return ident, f"article.{'.'.join(map(str, first['loc']))}: {first['msg']}"


def _clean(value: Any) -> Any:
    """Lone surrogates, which no UTF-8 can carry, as U+FFFD: offsets stay."""
    if isinstance(value, str):
        return value if value.isascii() else "".join("\ufffd" if "\ud800" <= c <= "\udfff" else c for c in value)
    if isinstance(value, list):
        return [_clean(v) for v in value]
    if isinstance(value, dict):
        return {_clean(k): _clean(v) for k, v in value.items()}
    return value


def dump(reading: Reading) -> bytes:
    """A reading as one line."""
    return reading.model_dump_json(by_alias=True).encode() + b"\n"


def _error(ident: str | None, number: int, message: str) -> bytes:
    if ident is not None:
        ident = _clean(ident)
    return (
        json.dumps({"id": ident, "line": number, "error": message}, ensure_ascii=False).encode("utf-8", "replace")
        + b"\n"
    )


Numbered = tuple[int, bytes]
logger = logging.getLogger("veilleur")
_reader: Reader | None = None


def reader_for(model: str) -> Reader:
    """This process's reader of a model, loaded at the first call."""
    global _reader  # noqa: PLW0603
    if _reader is None or _reader.name != model:
        from nlp.pipeline import Reader

        _reader = Reader(model)
    return _reader


def _context(model: str) -> BaseContext:
    """How workers start: forked from a server of one thread that has loaded the model (where the system has fork).

    Never forked from the caller itself, which may run threads. A server that already runs keeps its first model; its
    workers then load another one themselves.
    """
    if "forkserver" not in multiprocessing.get_all_start_methods():
        return multiprocessing.get_context("spawn")
    context = multiprocessing.get_context("forkserver")
    os.environ[PRELOAD] = model
    context.set_forkserver_preload(["nlp.preload"])
    return context


def _answer(batch: list[Numbered], model: str) -> list[bytes]:
    """Read one batch with this process's reader: together, or where that fails one by one."""
    reader = reader_for(model)
    lines = [(number, *parse(line)) for number, line in batch]
    sound = [(_clean(ident), a) for _, ident, a in lines if ident is not None and isinstance(a, Article)]
    answers: Iterator[bytes] | None = None
    if len(sound) > 1:
        try:
            answers = iter([dump(reading) for reading in reader.read_many(sound, together=len(sound))])
        except Exception:  # noqa: BLE001 - which article it was is found out, and told, below
            logger.debug("lines %d to %d are read one by one", batch[0][0], batch[-1][0])
    out: list[bytes] = []
    for number, ident, article in lines:
        if isinstance(article, str) or ident is None:
            out.append(_error(ident, number, str(article)))
        elif answers is not None:
            out.append(next(answers))
        else:
            out.append(_alone(reader, number, ident, article))
    return out


def _alone(reader: Reader, number: int, ident: str, article: Article) -> bytes:
    try:
        return dump(reader.read(_clean(ident), article))
    except Exception as error:  # noqa: BLE001 - a fault of a rule costs its article, never the others; it is told
        logger.exception("line %d, article %s: the reader failed", number, ident)
        return _error(ident, number, f"the reader failed: {type(error).__name__}: {error}")


def _batches(rows: Iterable[Numbered], size: int) -> Iterator[list[Numbered]]:
    batch: list[Numbered] = []
    for row in rows:
        batch.append(row)
        if len(batch) == size:
            yield batch
            batch = []
    if batch:
        yield batch


def read_stream(
    lines_in: Iterable[bytes],
    write: Callable[[bytes], object],
    processes: int = 1,
    model: str = "fr_core_news_md",
    batch: int = BATCH,
    waiting: bool = True,
) -> int:
    """Answer each line; returns how many lines were read.

    ``lines_in`` are lines without their U+000A (see :func:`lines`); blank lines are errors like any other. ``waiting``:
    whoever writes the lines waits for each answer before the next, so that one process reads none together with others.
    With more than one process, batches go to workers that share one loaded model; never more than a few batches are in
    memory.
    """
    count = 0

    def numbered() -> Iterator[Numbered]:
        nonlocal count
        for count, line in enumerate(lines_in, 1):  # noqa: UP028 - the count is read afterwards
            yield count, line

    if processes <= 1:
        for rows in _batches(numbered(), 1 if waiting else batch):
            for answer in _answer(rows, model):
                write(answer)
        return count
    pending: deque[Future[list[bytes]]] = deque()
    with ProcessPoolExecutor(processes, mp_context=_context(model)) as pool:
        for rows in _batches(numbered(), batch):
            pending.append(pool.submit(_answer, rows, model))
            while len(pending) > 3 * processes:
                for answer in pending.popleft().result():
                    write(answer)
        while pending:
            for answer in pending.popleft().result():
                write(answer)
    return count
