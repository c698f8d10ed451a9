"""Small records for the storage tests."""

from __future__ import annotations

import zlib
from datetime import UTC, datetime
from pathlib import Path

from storage.exchange import Exchange
from storage.home import Home
from storage.records import Capture, CaptureOutcome, CaptureRole, Run

AT = datetime(2026, 2, 1, 1, 0, tzinfo=UTC)
URL = "http://www.example.gov.cn/zfxxgk/nb/2025.html"


def run(run_id: str = "run-1", portal: str = "wenshang") -> Run:
    return Run(id=run_id, portal=portal, purpose="test", started=AT)


def exchange(
    body: bytes = b"<html>report</html>",
    *,
    url: str = URL,
    status: int = 200,
    headers: list[tuple[str, str]] | None = None,
    at: datetime = AT,
) -> Exchange:
    return Exchange(
        url=url,
        request_headers=[("User-Agent", "nianbao"), ("Host", "www.example.gov.cn")],
        status=status,
        reason_phrase="OK",
        response_headers=headers if headers is not None else [("Content-Type", "text/html")],
        body=body,
        ip="203.0.113.7",
        fetched_at=at,
    )


def keep(writer: object, sent: Exchange, **more: object) -> Capture:
    given = {"role": CaptureRole.REPORT, "requested": sent.url, "outcome": CaptureOutcome.PAGE} | more
    kept: Capture = writer.write(sent, **given)  # type: ignore[attr-defined]
    return kept


def rows_of(home: Home, table: str) -> int:
    with home.truth.read() as connection:
        return int(connection.exec_driver_sql(f"SELECT count(*) FROM {table}").scalar_one())


def members(path: Path) -> list[tuple[int, int, bytes]]:
    """Offset, length and content of every gzip member, found with zlib alone."""
    data, offset, found = path.read_bytes(), 0, []
    while offset < len(data):
        engine = zlib.decompressobj(31)
        content = engine.decompress(data[offset:])
        assert engine.eof, f"member at {offset} is not whole"
        length = len(data) - offset - len(engine.unused_data)
        found.append((offset, length, content))
        offset += length
    return found


def fields(content: bytes) -> dict[str, str]:
    head = content.split(b"\r\n\r\n", 1)[0].decode()
    return dict(line.split(": ", 1) for line in head.split("\r\n")[1:])


def files(home: Home) -> list[Path]:
    return sorted(home.warc_dir.rglob("*.warc.gz"))
