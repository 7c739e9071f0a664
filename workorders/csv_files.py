"""CSV that spreadsheets read as UTF-8, without taking any cell for a formula."""

import csv
import unicodedata
from collections.abc import Iterable, Iterator, Sequence

_FORMULA = tuple('=+-@|%"')


def safe_cell(cell: str) -> str:
    """The cell, with an apostrophe in front where a spreadsheet might take it for a formula."""
    visible = unicodedata.normalize("NFKC", cell).lstrip("".join(map(chr, range(33))))
    return f"'{cell}" if visible.startswith(_FORMULA) or cell[:1] in ("\t", "\r", "\n") else cell


class _Line:
    """What csv.writer writes to; it returns the line."""

    def write(self, line: str) -> str:
        return line


def csv_lines(rows: Iterable[Sequence[str]]) -> Iterator[str]:
    """The lines of a file, beginning with a byte order mark; `rows` begins with the headings."""
    writer = csv.writer(_Line(), quoting=csv.QUOTE_ALL)
    mark = "\ufeff"
    for row in rows:
        yield mark + str(writer.writerow(map(safe_cell, row)))
        mark = ""
