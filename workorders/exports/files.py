"""Rows as a file to download: a workbook, or CSV with the separator that the person has chosen."""

from collections.abc import Iterable
from typing import Any

from django.http import HttpResponse, HttpResponseBase, StreamingHttpResponse

from portal.people.models import User
from workorders.csv_files import SEPARATORS, csv_lines
from workorders.exports.workbooks import TextRow, workbook_chunks

CSV, XLSX = "csv", "xlsx"
CONTENT_TYPES = {
    CSV: "text/csv; charset=utf-8",
    XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


def ending_of(name: str) -> str:
    """What a file with this name is to be."""
    return XLSX if name.lower().endswith(f".{XLSX}") else CSV


def sent_rows(
    rows: Iterable[TextRow], name: str, ending: str, *, to: User
) -> StreamingHttpResponse:
    """Send the rows as `name` with this ending, while they are read."""
    content = chunks(rows, ending, SEPARATORS[to.csv_separator])
    return StreamingHttpResponse(content, **_described(name, ending))


def sent_few(rows: Iterable[TextRow], name: str, ending: str, *, to: User) -> HttpResponseBase:
    """Send a few rows: those of a CSV file at once."""
    if ending == XLSX:
        return sent_rows(rows, name, ending, to=to)
    content = b"".join(chunks(rows, ending, SEPARATORS[to.csv_separator]))
    return HttpResponse(content, **_described(name, ending))


def _described(name: str, ending: str) -> dict[str, Any]:
    headers = {"Content-Disposition": f'attachment; filename="{name}.{ending}"'}
    return {"content_type": CONTENT_TYPES[ending], "headers": headers}


def chunks(rows: Iterable[TextRow], ending: str, separator: str) -> Iterable[bytes]:
    """The bytes of the file; `rows` begins with the headings."""
    if ending == XLSX:
        return workbook_chunks(rows)
    return (line.encode() for line in csv_lines(rows, separator))
