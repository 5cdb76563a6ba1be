"""The page archive: WARC 1.1 files, one a source and day, and articles read from them again.

A file holds the pages of one source and one day, so that all its text falls due on the same day: purging is
deleting the file. Records are gzip members written one by one; a half-written one of a killed run is cut off when
the file is next opened.
"""

from __future__ import annotations

import io
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, BinaryIO, Self

from warcio.archiveiterator import ArchiveIterator
from warcio.exceptions import ArchiveLoadFailed
from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

from crawlers.items import ArchiveRecord

_HOP_BY_HOP = frozenset({"transfer-encoding", "content-encoding", "connection", "keep-alive", "set-cookie"})


@dataclass(frozen=True, slots=True)
class ArchivedPage:
    """One page out of the archive. ``notes`` are what the crawler knew of it (candidate, rights)."""

    url: str
    body: bytes
    headers: dict[str, str]
    fetched_at: datetime
    record: ArchiveRecord
    notes: dict[str, Any]


def archive_file(source_id: str, day: date) -> str:
    """The name of a source's WARC file of a day, relative to the archive."""
    return f"{day.isoformat()}/{source_id}.warc.gz"


class Archive:
    """A WARC file being written. ``length`` is where the last complete record ends."""

    def __init__(self, root: Path, file: str, complete_length: int) -> None:
        self.file = file
        self._path = root / file
        self._length = complete_length
        self._out: BinaryIO | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def length(self) -> int:
        """Bytes of complete records."""
        return self._length

    def close(self) -> None:
        """Close the file."""
        if self._out is not None:
            self._out.close()
            self._out = None

    def write(
        self,
        url: str,
        status: int,
        headers: Mapping[str, str],
        body: bytes,
        fetched_at: datetime,
        notes: Mapping[str, Any],
    ) -> ArchiveRecord:
        """Add a response (its body as decoded) with ``notes`` (plain JSON) and return where it lies."""
        out = self._open()
        offset = self._length
        writer = WARCWriter(out, gzip=True, warc_version="1.1")
        if offset == 0:
            info = writer.create_warcinfo_record(
                self.file, {"software": "Veilleur", "format": "WARC File Format 1.1", "conformsTo": "ISO 28500:2017"}
            )
            writer.write_record(info)
            offset = out.tell()
        http = StatusAndHeaders(
            f"{status} ",
            [(name, value) for name, value in headers.items() if name.lower() not in _HOP_BY_HOP],
            protocol="HTTP/1.1",
        )
        record = writer.create_warc_record(
            url,
            "response",
            payload=io.BytesIO(body),
            http_headers=http,
            warc_headers_dict={
                "WARC-Date": fetched_at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ"),
                "WARC-Veilleur-Notes": json.dumps(notes, ensure_ascii=True),
            },
        )
        writer.write_record(record)
        out.flush()
        self._length = out.tell()
        return ArchiveRecord(file=self.file, offset=offset, record_id=record.rec_headers.get_header("WARC-Record-ID"))

    def _open(self) -> BinaryIO:
        if self._out is None:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            self._out = self._path.open("r+b" if self._path.exists() else "w+b")
            self._length = min(self._length, self._out.seek(0, io.SEEK_END))
            self._out.truncate(self._length)
            self._out.seek(self._length)
        return self._out


def read_archive(root: Path, file: str) -> Iterator[ArchivedPage]:
    """The pages of a WARC file in order; a damaged end closes the iteration.

    Raises FileNotFoundError where there is no such file.
    """
    with (root / file).open("rb") as stream:
        records = ArchiveIterator(stream)
        try:
            for record in records:
                if record.rec_type != "response":
                    continue
                body = record.content_stream().read()
                yield ArchivedPage(
                    url=record.rec_headers.get_header("WARC-Target-URI"),
                    body=body,
                    headers=dict(record.http_headers.headers),
                    fetched_at=datetime.fromisoformat(record.rec_headers.get_header("WARC-Date")),
                    record=ArchiveRecord(
                        file=file,
                        offset=records.get_record_offset(),
                        record_id=record.rec_headers.get_header("WARC-Record-ID"),
                    ),
                    notes=json.loads(record.rec_headers.get_header("WARC-Veilleur-Notes") or "{}"),
                )
        except ArchiveLoadFailed:
            return


def read_record(root: Path, record: ArchiveRecord) -> ArchivedPage:
    """One page by its place. Raises FileNotFoundError or KeyError where it is not (any more)."""
    with (root / record.file).open("rb") as stream:
        stream.seek(record.offset)
        for found in ArchiveIterator(stream):
            if found.rec_headers.get_header("WARC-Record-ID") != record.record_id:
                break
            return ArchivedPage(
                url=found.rec_headers.get_header("WARC-Target-URI"),
                body=found.content_stream().read(),
                headers=dict(found.http_headers.headers),
                fetched_at=datetime.fromisoformat(found.rec_headers.get_header("WARC-Date")),
                record=record,
                notes=json.loads(found.rec_headers.get_header("WARC-Veilleur-Notes") or "{}"),
            )
    raise KeyError(record.record_id)
