"""CSV for spreadsheets: they know it as UTF-8, and take no cell for a formula."""

import csv
import unicodedata
from collections.abc import Iterable, Iterator, Sequence

_FORMULA = tuple('=+-@|%"')


def safe_cell(cell: str) -> str:
    """A cell that no spreadsheet takes for a formula: led by an apostrophe where it might."""
    visible = unicodedata.normalize("NFKC", cell).lstrip("".join(map(chr, range(33))))
    return f"'{cell}" if visible.startswith(_FORMULA) or cell[:1] in ("\t", "\r", "\n") else cell


class _Line:
    """What csv.writer writes a line to: it hands the line back."""

    def write(self, line: str) -> str:
        return line


def csv_lines(rows: Iterable[Sequence[str]]) -> Iterator[str]:
    """The lines of a file, its columns as the first row; a byte order mark leads it."""
    writer = csv.writer(_Line(), quoting=csv.QUOTE_ALL)
    mark = "\ufeff"
    for row in rows:
        yield mark + str(writer.writerow(map(safe_cell, row)))
        mark = ""
