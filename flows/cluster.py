"""Reading spread over a Dask cluster: the same facts, by more machines."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cache
from typing import Any

from flows.settings import Settings


@cache
def _reader(model: str) -> Any:
    """One reader a worker process, kept for its next batches."""
    from nlp.pipeline import Reader

    return Reader(model)


def read_batch(lines: Sequence[str], model: str) -> list[str]:
    """Answers for a batch of lines, in order; runs on a worker."""
    from nlp.jsonl import read_stream

    return list(read_stream(iter(lines), processes=1, model=model, reader=_reader(model)))


def read_on_cluster(settings: Settings, lines: Sequence[str]) -> Iterator[str]:
    """Read lines on the cluster of the settings (a local one of ``read.processes`` workers where no address is set).

    Answers come in the order of the lines; a batch that a lost worker took along is read again elsewhere.
    """
    from dask.distributed import Client, LocalCluster

    size = settings.read.batch
    batches = [list(lines[start : start + size]) for start in range(0, len(lines), size)]
    cluster = None
    if settings.read.dask_address is None:
        cluster = LocalCluster(
            n_workers=settings.read.processes, threads_per_worker=1, processes=True, dashboard_address=None
        )
    try:
        with Client(settings.read.dask_address or cluster) as client:
            futures = client.map(read_batch, batches, model=settings.read.model, pure=False, retries=2)
            for future in futures:
                yield from future.result()
    finally:
        if cluster is not None:
            cluster.close()
