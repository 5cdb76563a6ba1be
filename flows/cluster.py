"""Reading spread over a Dask cluster: the same facts, by more machines."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from flows.settings import Settings


def read_batch(lines: list[bytes], model: str) -> list[bytes]:
    """Answers for a batch of lines, in order; runs on a worker, which keeps its model for the next batch."""
    from nlp.jsonl import read_stream

    answers: list[bytes] = []
    read_stream(lines, answers.append, processes=1, model=model)
    return answers


def read_on_cluster(settings: Settings, lines: Iterable[bytes], write: Callable[[bytes], object]) -> None:
    """Read lines on the cluster of the settings (a local one of ``read.processes`` workers where no address is set).

    Answers are written in the order of the lines; a batch that a lost worker took along is read again elsewhere.
    """
    from dask.distributed import Client, LocalCluster

    batches = batched(lines, settings.read.batch)
    cluster = None
    if settings.read.dask_address is None:
        cluster = LocalCluster(  # type: ignore[no-untyped-call]
            n_workers=settings.read.processes, threads_per_worker=1, processes=True, dashboard_address=None
        )
    try:
        with Client(settings.read.dask_address or cluster) as client:  # type: ignore[no-untyped-call]
            futures = client.map(read_batch, list(batches), model=settings.read.model, pure=False, retries=2)
            for future in futures:
                for answer in future.result():
                    write(answer)
    finally:
        if cluster is not None:
            cluster.close()


def batched(lines: Iterable[bytes], size: int) -> Iterator[list[bytes]]:
    """Lines in lists of at most ``size``."""
    batch: list[bytes] = []
    for line in lines:
        batch.append(line)
        if len(batch) == size:
            yield batch
            batch = []
    if batch:
        yield batch
