"""Parses the text of cells into values; a refusal is a sentence that quotes the cell."""

import datetime as dt
import re
import unicodedata
from collections.abc import Callable, Mapping
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import slug_re, validate_email
from django.utils import timezone

from workorders.countries import countries, places
from workorders.csv_files import CUT, plain_cell, split_items
from workorders.folding import trimmed, visible

Parser = Callable[[str], Any]

LONG_AGO = dt.date(2000, 1, 1)
YEARS_AHEAD = 5
SHOWN = 60  # characters of a cell that a message quotes
MAX_LINE_ITEMS = 200  # line items or parts in one cell
MAX_QUANTITY = 9999

_ISO_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_SPREADSHEET_DATE = re.compile(
    # 11/7/2026, 2026-11-07 00:00:00
    r"[0-9]{1,4}[./-][0-9]{1,2}[./-][0-9]{1,4}([ T][0-9:. ]+([AP]M)?)?"
    r"|[0-9]{1,2}[ -][A-Za-z]{3,9}\.?([ -][0-9]{2,4})?"  # 7-Nov-26
    r"|[A-Za-z]{3,9}\.?[ -][0-9]{1,2}(,? ?[0-9]{2,4})?"  # Nov 7, 2026
    r"|[0-9]{5}([.,][0-9]+)?"  # 46333, the day's number inside a spreadsheet
)
_EXPONENT = re.compile(r"[0-9]+([.,][0-9]+)?[Ee]\+[0-9]+")  # 8.15E+11
_DECIMAL = re.compile(r"[0-9]{4,}[.,]0+")  # 990000000101.0
_DATE_WITH_SLASHES = re.compile(r"[0-9]{1,4}/[0-9]{1,2}/[0-9]{1,4}")
_MONTHS = (  # as spreadsheets write them
    "[Jj]an|[Ff]eb|[Mm]ar|[Aa]pr|[Mm]ay|[Jj]un|[Jj]ul|[Aa]ug|[Ss]ep|[Oo]ct|[Nn]ov|[Dd]ec"
    "|[Mm]rz|Mär|[Mm]ai|[Oo]kt|[Dd]ez|janv|févr|mars|avr|juin|juil|août|sept|déc"
    "|ene|abr|ago|dic|gen|mag|giu|lug|set|ott|mrt|mei"
)
_MONTH = re.compile(  # Mar-21, 21-Mar, 21. Mrz
    rf"({_MONTHS})-[0-9]{{2,4}}|[0-9]{{1,2}}(-|\. )({_MONTHS})(-[0-9]{{2,4}})?"
)
_MIDNIGHT = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2} 00:00:00")
_TEXT_FORMULA = re.compile(r"=\s*\"[^\"]*\"")  # ="0099"
_SPREADSHEET_ERROR = re.compile(r"#(NAME\?|REF!|VALUE!|DIV/0!|N/A|NUM!|NULL!|#+)")
_LINE_BREAKS = re.compile(r"\s*[\r\n]+\s*")


class CellError(ValueError):
    """What is wrong with a cell, as a sentence without the column's name."""


def shown(cell: str) -> str:
    """The cell as messages quote it: on one line and shortened."""
    start = cell[: SHOWN + 1]
    plain = "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in start)
    return f"'{plain[:SHOWN]}…'" if len(cell) > SHOWN else f"'{plain}'"


class DateCell(str):
    """The date of a workbook's date cell, as YYYY-MM-DD."""

    __slots__ = ()


class FaultyCell(str):
    """A workbook's formula without a stored value: it reads as an error, never as empty."""

    formula = ""


def cleaned(cell: str) -> str:
    """The cell without surrounding blanks and the apostrophes of `safe_cell`.

    Raises CellError for what no cell may contain.
    """
    if isinstance(cell, FaultyCell):
        raise CellError(f"{shown(cell.formula)} is a formula without a stored value")
    if isinstance(cell, DateCell):
        return cell
    cell = plain_cell(cell)
    if any(unicodedata.category(c) in ("Cc", "Cs") and c not in "\t\r\n" for c in cell):
        character = "a NUL" if "\0" in cell else "a control"
        raise CellError(f"{shown(cell)} contains {character} character")
    cell = trimmed(cell)
    if _SPREADSHEET_ERROR.fullmatch(cell):
        raise CellError(f"{shown(cell)} is an error left behind by a spreadsheet")
    if _TEXT_FORMULA.fullmatch(cell):
        raise CellError(f"{shown(cell)} is a formula of a spreadsheet: write what it shows")
    if cell.endswith(CUT):
        raise CellError("is cut: a cell of a workbook was too small for it")
    return cell


def required(parse: Parser) -> Parser:
    def parsed(cell: str) -> Any:
        if not cell:
            raise CellError("is required")
        return parse(cell)

    return parsed


def is_required(parse: Parser) -> bool:
    """Whether the column must not be empty."""
    try:
        parse("")
    except CellError:
        return True
    return False


def text(length: int, *, lines: bool = False) -> Parser:
    """Text of at most `length` characters; line breaks become blanks unless `lines`."""

    def parsed(cell: str) -> str:
        _refuse_date(cell)
        newline = cell.replace("\r\n", "\n").replace("\r", "\n")
        cell = newline if lines else _LINE_BREAKS.sub(" ", cell)
        if len(cell) > length:
            raise CellError(f"{shown(cell)} is too long: {len(cell)} characters, {length} at most")
        return cell

    return parsed


def _refuse_date(cell: str) -> None:
    if isinstance(cell, DateCell) or _MIDNIGHT.fullmatch(cell):
        raise CellError(f"{shown(cell)} is a text that a spreadsheet turned into a date")


def code(length: int) -> Parser:
    """Digits and letters that a spreadsheet must not have read as a number or a date."""

    def parsed(cell: str) -> str:
        if _EXPONENT.fullmatch(cell) or _DECIMAL.fullmatch(cell):
            raise CellError(
                f"{shown(cell)} is a number changed by a spreadsheet: write all its digits"
            )
        if _DATE_WITH_SLASHES.fullmatch(cell) or _MONTH.fullmatch(cell):
            raise CellError(
                f"{shown(cell)} is a number that a spreadsheet turned into a date: write its digits"
            )
        return str(text(length)(cell if isinstance(cell, DateCell) else visible(cell)))

    return parsed


def number(cell: str) -> str:
    """The number of a work order or shipment, which is part of URLs."""
    value = code(30)(cell)
    if not slug_re.fullmatch(value):
        raise CellError(f"{shown(cell)} is not a number: use letters, digits, - and _ only")
    return str(value)


def day(cell: str) -> dt.date | None:
    """A date as YYYY-MM-DD; None for an empty cell."""
    if not cell:
        return None
    if not _ISO_DATE.fullmatch(cell):
        if _SPREADSHEET_DATE.fullmatch(cell):
            raise CellError(f"{shown(cell)} is a date changed by a spreadsheet: write YYYY-MM-DD")
        raise CellError(f"{shown(cell)} is not a date: write YYYY-MM-DD")
    try:
        value = dt.date.fromisoformat(cell)
    except ValueError:
        raise CellError(f"{shown(cell)} is not a date") from None
    if not LONG_AGO <= value <= timezone.now().date() + dt.timedelta(days=366 * YEARS_AHEAD):
        raise CellError(
            f"{shown(cell)} is too far away: use a date from 2000 to {YEARS_AHEAD} years ahead"
        )
    return value


def yes_no(cell: str) -> bool:
    if cell not in ("yes", "no"):
        raise CellError(f"{shown(cell)} is neither yes nor no")
    return cell == "yes"


def choice(values: Mapping[str, Any]) -> Parser:
    """One of the words, exactly as written."""

    def parsed(cell: str) -> Any:
        if cell not in values:
            raise CellError(f"{shown(cell)} is unknown: use one of {', '.join(values)}")
        return values[cell]

    return parsed


def country(cell: str) -> str:
    if cell == "UK":
        raise CellError("'UK' is not a country: the United Kingdom is GB")
    if not re.fullmatch(r"[A-Z]{2}", cell):
        raise CellError(f"{shown(cell)} is not a country: two capital letters, such as US")
    if cell not in countries():
        raise CellError(f"{shown(cell)} is not a country: use its ISO code, such as US or GB")
    return cell


def time_zone(cell: str) -> str:
    if cell not in places():
        raise CellError(f"{shown(cell)} is not a time zone: write one such as America/Los_Angeles")
    return cell


def phone(cell: str) -> str:
    value = str(code(32)(cell))
    if cell and sum(c.isdigit() for c in cell) < 4:
        raise CellError(f"{shown(cell)} is not a phone number")
    return value


def email(cell: str) -> str:
    value = str(text(254)(cell))
    if value:
        try:
            validate_email(value)
        except ValidationError:
            raise CellError(f"{shown(cell)} is not an e-mail address") from None
    return value


def list_of(parse: Parser, what: str) -> Parser:
    """The items of a cell, separated by `|`, each parsed; none for an empty cell."""

    def parsed(cell: str) -> list[Any]:
        _refuse_date(cell)
        found = [item.strip() for item in split_items(cell)] if cell else []
        if len(found) > MAX_LINE_ITEMS:
            raise CellError(f"{len(found)} {what}s are too many: {MAX_LINE_ITEMS} at most")
        if "" in found:
            raise CellError(f"{what} {found.index('') + 1} is empty")
        return [parse(item) for item in found]

    return parsed
