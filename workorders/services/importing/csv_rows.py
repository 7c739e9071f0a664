"""The rows of a CSV file: which separator it has, and on which line each row begins."""

import csv
import re
from collections.abc import Collection, Iterator
from typing import NamedTuple

from workorders.csv_files import SEPARATORS
from workorders.folding import is_blank, visible
from workorders.services.importing.decoding import decoded
from workorders.services.importing.results import FileError, RowError

_LINE = re.compile(r"[^\r\n]*(?:\r\n?|\n)|[^\r\n]+")  # with its end
_SEP_LINE = re.compile(r"\ufeff?\"?sep=(.)\"?[,;\t ]*(\r\n|\r|\n|\Z)", re.IGNORECASE)

NumberedRow = tuple[int, list[str]]  # the line on which it begins, and its cells


class RawRows(NamedTuple):
    """The rows of a file that are not blank; `notes` say what the person should look at."""

    rows: Iterator[NumberedRow]
    separator: str = ","
    notes: tuple[str, ...] = ()


def csv_rows(content: bytes, names: Collection[str]) -> RawRows:
    """Raises FileError for what is no text; for a row that cannot be read, once it is reached.

    Without a line `sep=`, the separator is the one that yields most of the columns' names.
    """
    text, note = decoded(content)
    notes = (note,) if note else ()
    if found := _SEP_LINE.match(text):
        if found[1] not in SEPARATORS.values():
            message = f"'{found[1]}' cannot be a separator: use a comma, a semicolon or a tab"
            raise FileError(RowError(1, "", message))
        return RawRows(_rows(text[found.end() :], found[1], first=2), found[1], notes)
    separator = max(SEPARATORS.values(), key=lambda each: _named(text, each, names))
    return RawRows(_rows(text, separator), separator, notes)


def heading(cell: str) -> str:
    """The name of a column that a file may write in any case, and with blanks for underscores.

    A second byte order mark leaves the quotes of the first heading there.
    """
    return re.sub(r"[\s_\-]+", "_", visible(cell).strip('"').lower())


def _named(text: str, separator: str, names: Collection[str]) -> int:
    """How many columns the first row names when it is split in this way."""
    try:
        _, cells = next(_rows(text, separator), (1, []))
    except FileError:
        return 0
    return len(set(map(heading, cells)).intersection(names))


def _rows(text: str, separator: str, first: int = 1) -> Iterator[NumberedRow]:
    # not of a StringIO, which takes four bytes for each letter
    lines = (found[0] for found in _LINE.finditer(text))
    reader = csv.reader(lines, delimiter=separator, strict=True)
    while True:
        line = reader.line_num + first
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            raise FileError(RowError(line, "", f"the row cannot be read as CSV: {error}")) from None
        if not all(map(is_blank, cells)):
            yield line, cells
