"""CSV that spreadsheets read as UTF-8, without taking anything in it for a formula.

Whatever separator a spreadsheet assumes: a file with commas that is opened with semicolons breaks a
cell in two, and a line break may end a row in the middle of a cell. So a formula is disarmed where
a cell begins, and also after each character at which one might begin. Reading takes exactly this
off again.
"""

import csv
import re
from collections.abc import Iterable, Iterator, Sequence

SEPARATORS = {"comma": ",", "semicolon": ";", "tab": "\t"}
MARK = "\ufeff"  # by which spreadsheets know UTF-8
CUT = " [cut here: a cell of a workbook holds no more; the CSV file has all of it]"

# every character that is read as one of = + - @ | %, and the quotes
_SIGNS = (
    r"=+\-@|%\u207a\u207c\u208a\u208c\u2a75\u2a76\ufb29\ufe62\ufe63\ufe66\ufe6a\ufe6b"
    r"\uff05\uff0b\uff0d\uff1d\uff20\uff5c"
)
_QUOTES = r"\"\uff02"
# blanks and invisible characters, but for those that may end a cell
_UNSEEN = (
    r"\x00-\x08\x0b\x0c\x0e-\x20\x7f-\xa0\xad\u061c\u1680\u180e\u2000-\u200f\u2028-\u202f"
    r"\u205f-\u206f\u3000\ufeff"
)
_AT_START = re.compile(rf"'*(?=[\t\r\n]|[{_UNSEEN}]*[{_SIGNS}{_QUOTES}])")
_INSIDE = re.compile(rf"[,;\t\r\n]'*(?=[{_UNSEEN}{_QUOTES}]*[{_SIGNS}])")
_BAR = re.compile(r"(\\*)\|")
_BACKSLASHES = re.compile(r"(?<!\\)(\\+)\Z")
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")


def safe_cell(cell: str) -> str:
    """The cell, with an apostrophe wherever a spreadsheet might see a formula begin.

    Control characters, which no import takes, are left out.
    """
    cell = _INSIDE.sub(r"\g<0>'", _CONTROL.sub("", cell))
    return f"'{cell}" if _AT_START.match(cell) else cell


def plain_cell(cell: str) -> str:
    """The cell without the apostrophes of `safe_cell`, and with every other one."""
    cell = _INSIDE.sub(lambda found: found[0][: max(1, len(found[0]) - 1)], cell)
    return cell[1:] if cell.startswith("'") and _AT_START.match(cell) else cell


def join_items(items: Iterable[str]) -> str:
    """The items in one cell, separated by `|`; one that belongs to an item follows a backslash."""
    *others, last = [_BAR.sub(r"\1\1\\|", item) for item in items] or [""]
    return "|".join([*(_BACKSLASHES.sub(r"\1\1", item) for item in others), last])


def split_items(cell: str) -> list[str]:
    """The items that `join_items` has joined."""
    items, start, item = [], 0, ""
    for found in _BAR.finditer(cell):
        count = len(found[1])
        item += cell[start : found.start()] + found[1][: count // 2]
        start = found.end()
        if count % 2:
            item += "|"
        else:
            items.append(item)
            item = ""
    return [*items, item + cell[start:]]


class _Line:
    """What csv.writer writes to; it returns the line."""

    def write(self, line: str) -> str:
        return line


def csv_lines(rows: Iterable[Sequence[str]], separator: str = ",") -> Iterator[str]:
    """The lines of a file, beginning with a byte order mark; `rows` begins with the headings."""
    writer = csv.writer(_Line(), delimiter=separator, quoting=csv.QUOTE_ALL)
    mark = MARK
    for row in rows:
        yield mark + str(writer.writerow(map(safe_cell, row)))
        mark = ""
