"""Three tables of files: those that hold the same as the plain one, those of which a line is wrong,
and those that cannot be read at all.
"""

import datetime as dt

from openpyxl import Workbook

from tests.workorders.services.importing.spreadsheets import (
    HEADINGS,
    NBSP,
    SHEET,
    fill,
    grid,
    in_one_row,
    in_utf_16,
    in_windows,
    patched,
    saved,
    text,
    typed,
    with_cell,
    with_formula,
    with_shared_texts,
    workbook,
)


def with_hidden_sheet() -> bytes:
    book = Workbook()
    book.active.append(["notes"])
    book.active.sheet_state = "hidden"
    fill(book.create_sheet("Work"), grid())
    book.create_sheet("Later").append(["more"])
    return saved(book)


def with_styles_far_below() -> bytes:
    book = Workbook()
    fill(book.active, grid())
    book.active.cell(9000, 180).number_format = "0.00"
    return saved(book)


def with_zeros_by_format() -> bytes:
    book = Workbook()
    fill(book.active, grid())
    cell = book.active.cell(2, HEADINGS.index("postal_code") + 1, 81541)
    cell.number_format = "00000"
    return saved(book)


def with_a_day_beyond_all() -> bytes:
    book = Workbook()
    fill(book.active, grid())
    cell = book.active.cell(2, HEADINGS.index("assigned_on") + 1, 99_999_999)
    cell.number_format = "yyyy-mm-dd"
    return saved(book)


def with_wrong_size() -> bytes:
    """As programs write it that do not know better."""
    size = f'ref="A1:AB{len(grid())}"'
    return patched(workbook(), SHEET, lambda xml: xml.replace(size, 'ref="A1"'))


def spaced(cells: list[list[str]]) -> list[list[str]]:
    """Cells between blanks, no-break spaces and characters that nobody sees."""
    return [[f"{NBSP} {cell}\u200b \u3000" for cell in row] for row in cells]


def with_more(cells: list[list[str]], *extra: str) -> list[list[str]]:
    return [row + list(extra) for row in cells]


PLAIN = text()
BLANKS = [[""] * 28, [" "] * 28, [NBSP] * 28, ["\u3000", "\u200b"] * 14]
CAPITALS = [[name.upper().replace("_", " ") for name in HEADINGS], *grid()[1:]]
MIXED = [[f" {name.title()}{NBSP}" for name in HEADINGS], *grid()[1:]]
BACKWARDS = [row[::-1] for row in grid()]
SAME = {
    "commas": PLAIN.encode(),
    "commas, with a mark": PLAIN.encode("utf-8-sig"),
    "commas, with two marks": b"\xef\xbb\xbf" + text(quoting=1).encode("utf-8-sig"),
    "semicolons": text(separator=";").encode(),
    "semicolons, with a mark": text(separator=";").encode("utf-8-sig"),
    "semicolons, all quoted": text(separator=";", quoting=1).encode(),
    "tabs": text(separator="\t").encode(),
    "tabs, all quoted, with a mark": text(separator="\t", quoting=1).encode("utf-8-sig"),
    "sep=; at the top": f"sep=;\r\n{text(separator=';')}".encode(),
    "sep=, at the top": f"SEP=,\n{PLAIN}".encode("utf-8-sig"),
    "sep=tab at the top": f"sep=\t\r\n{text(separator=chr(9))}".encode(),
    '"sep=;" in quotes': f'"sep=;"\r\n{text(separator=";")}'.encode(),
    "sep=; followed by separators": f"sep=;;;;\r\n{text(separator=';')}".encode(),
    "lines of Unix": PLAIN.replace("\r\n", "\n").encode(),
    "lines of an old Mac": text(lineterminator="\r").encode(),
    "UTF-16, tabs": in_utf_16(text(separator="\t")),
    "UTF-16, big end first": in_utf_16(text(separator=";"), "be"),
    "UTF-16 without a mark": in_utf_16(PLAIN, mark=False),
    "UTF-16 without a mark, big end first": in_utf_16(PLAIN, "be", mark=False),
    "UTF-16 with sep=": in_utf_16(f"sep=;\r\n{text(separator=';')}"),
    "Windows-1252, semicolons": in_windows(text(separator=";")),
    "Windows-1252, tabs": in_windows(text(separator="\t")),
    "Windows-1252, commas": in_windows(PLAIN),
    "empty columns at the right": text(with_more(grid(), "", "", "")).encode(),
    "empty columns at the right, semicolons": text(with_more(grid(), "", NBSP), ";").encode(),
    "an empty column in the middle": text([[*row[:3], "", *row[3:]] for row in grid()]).encode(),
    "separators at the ends of rows only": PLAIN.replace("\r\n", ",,\r\n").encode(),
    "rows of blanks": text([*grid()[:2], *BLANKS, *grid()[2:], *BLANKS]).encode(),
    "rows of blanks above": text([*BLANKS, *grid()], ";").encode(),
    "blank lines": PLAIN.replace("\r\n", "\r\n\r\n  \r\n").encode(),
    "cells between blanks": text(spaced(grid())).encode(),
    "headings in capitals, with blanks": text(CAPITALS, ";").encode(),
    "headings in mixed case": text(MIXED).encode(),
    "headings in another order": text(BACKWARDS, "\t").encode(),
    "a column of reasons": text([[*grid()[0], "Reason"], *with_more(grid()[1:], "x")]).encode(),
    "workbook": workbook(),
    "workbook, each text once": with_shared_texts(),
    "workbook with dates and numbers": workbook(typed()),
    "workbook, with a hidden sheet before": with_hidden_sheet(),
    "workbook, in the middle of the sheet": workbook(at="C4"),
    "workbook, with styles far below": with_styles_far_below(),
    "workbook, with zeros by format": with_zeros_by_format(),
    "workbook of a wrong size": with_wrong_size(),
    "workbook, with rows of blanks": workbook([*grid()[:2], *BLANKS, *grid()[2:]]),
    "workbook, headings in capitals": workbook(CAPITALS),
    "workbook, in another order": workbook(BACKWARDS),
    "workbook, with empty columns at the right": workbook(with_more(grid(), "", " ")),
    "workbook, a formula with its value": with_formula("city", "A1", "<v>München</v>", "str"),
    "workbook, a formula that yields nothing": with_formula("access_notes", "A1", "<v></v>", "str"),
}


def row(**cells: str) -> bytes:
    return in_one_row(**cells).encode()


BY_SPREADSHEET = "changed by a spreadsheet: write all its digits"
INTO_A_DATE = "is a number that a spreadsheet turned into a date: write its digits"
NO_DATE = "is a text that a spreadsheet turned into a date"
AT_NOON = dt.datetime(2026, 3, 2, 12, 30)  # noqa: DTZ001  workbooks know no zone
A_DAY = dt.date(2021, 3, 1)
REFUSED = {
    # --- Values that a spreadsheet has spoilt
    "a date of the US": (row(assigned_on="3/2/2026"), "assigned_on: '3/2/2026' is a date changed"),
    "a date of Germany": (row(assigned_on="02.03.2026"), "assigned_on: '02.03.2026' is a date"),
    "a number of a day": (row(assigned_on="46083"), "assigned_on: '46083' is a date changed"),
    "a serial as an exponent": (
        row(station_serial="8.15E+11"),
        f"station_serial: '8.15E+11' is a number {BY_SPREADSHEET}",
    ),
    "a German exponent": (
        row(station_serial="8,15E+11"),
        f"station_serial: '8,15E+11' is a number {BY_SPREADSHEET}",
    ),
    "a serial with a decimal": (
        row(station_serial="990000000101.0"),
        f"station_serial: '990000000101.0' is a number {BY_SPREADSHEET}",
    ),
    "a case with a German decimal": (
        row(case_number="00990001,0"),
        f"case_number: '00990001,0' is a number {BY_SPREADSHEET}",
    ),
    "a site as a month": (row(site="Mar-21"), f"site: 'Mar-21' {INTO_A_DATE}"),
    "an account as a day": (row(account="21-Mar"), f"account: '21-Mar' {INTO_A_DATE}"),
    "a serial as a German day": (
        row(station_serial="21. Mrz"),
        f"station_serial: '21. Mrz' {INTO_A_DATE}",
    ),
    "a case as a French month": (
        row(case_number="mars-21"),
        f"case_number: 'mars-21' {INTO_A_DATE}",
    ),
    "a text by formula": (
        row(case_number='="0099"'),
        "case_number: '=\"0099\"' is a formula of a spreadsheet: write what it shows",
    ),
    "a number by formula": (
        row(number='="WO-1"'),
        "number: '=\"WO-1\"' is a formula of a spreadsheet: write what it shows",
    ),
    "an error": (row(poc_name="#REF!"), "poc_name: '#REF!' is an error left behind"),
    # --- Places and zones
    "UK": (row(country="UK"), "country: 'UK' is not a country: the United Kingdom is GB"),
    "a country that is none": (
        row(country="XX"),
        "country: 'XX' is not a country: use its ISO code, such as US or GB",
    ),
    "a zone by its letters": (row(time_zone="EST"), "time_zone: 'EST' is not a time zone"),
    "a zone by its hours": (row(time_zone="Etc/GMT+5"), "time_zone: 'Etc/GMT+5' is not a"),
    "a zone of a country": (row(time_zone="US/Pacific"), "time_zone: 'US/Pacific' is not a"),
    "a zone of nowhere": (row(time_zone="UTC"), "time_zone: 'UTC' is not a time zone"),
    # --- In a workbook
    "a date with a time": (
        workbook(with_cell("assigned_on", AT_NOON)),
        "assigned_on: '2026-03-02 12:30:00' is a date changed by a spreadsheet",
    ),
    "a date beyond all": (
        with_a_day_beyond_all(),
        "assigned_on: '#VALUE!' is an error left behind by a spreadsheet",
    ),
    "a serial as a date cell": (
        workbook(with_cell("station_serial", A_DAY)),
        f"station_serial: '2021-03-01' {NO_DATE}",
    ),
    "a subject as a date cell": (
        workbook(with_cell("subject", A_DAY)),
        f"subject: '2021-03-01' {NO_DATE}",
    ),
    "line items as a date cell": (
        workbook(with_cell("line_items", A_DAY)),
        f"line_items: '2021-03-01' {NO_DATE}",
    ),
    "more digits than a cell keeps": (
        workbook(with_cell("station_serial", 1234567890123456)),
        f"station_serial: '1.23456789012346E+15' is a number {BY_SPREADSHEET}",
    ),
    "a true cell for yes": (
        workbook(with_cell("parts_required", True)),
        "parts_required: 'TRUE' is neither yes nor no",
    ),
    "a formula without a value": (
        with_formula("city", "UPPER(A1)", ""),
        "city: '=UPPER(A1)' is a formula without a stored value",
    ),
    "a formula with an empty value": (
        with_formula("access_notes", "A1", "<v/>"),
        "access_notes: '=A1' is a formula without a stored value",
    ),
    "a formula with an error": (
        with_formula("poc_name", "1/0", "<v>#DIV/0!</v>", "e"),
        "poc_name: '#DIV/0!' is an error left behind by a spreadsheet",
    ),
    # --- Columns
    "a value beyond the headings": (
        text([[*HEADINGS, ""], *with_more(grid()[1:2], "stray")]).encode(),
        "the row has 29 cells, the header 28",
    ),
    "a value below no heading": (
        text(
            [
                [*each[:3], note, *each[3:]]
                for each, note in zip(grid()[:2], ["", "stray"], strict=True)
            ]
        ).encode(),
        "'stray' is in a column without a heading",
    ),
}


def nothing_visible() -> bytes:
    book = Workbook()
    fill(book.active, grid())
    book.create_sheet()
    book.active.sheet_state = "hidden"
    content = saved(book)
    return patched(content, "xl/workbook.xml", lambda xml: xml.replace('"visible"', '"hidden"'))


BOMB = '<!DOCTYPE a [<!ENTITY a "ha"><!ENTITY b "&a;&a;">]>'


def with_entities(xml: str) -> str:
    return xml.replace("<worksheet", f"{BOMB}<worksheet", 1).replace("<v>", "<v>&b;", 1)


def far_down(xml: str) -> str:
    return xml.replace('<row r="2"', '<row r="99999999999"')


UNREADABLE = {
    "nothing": (b"", "line 1: the file is empty"),
    "blanks": (b" \r\n,,\xc2\xa0\r\n", "line 1: the file is empty"),
    "an empty workbook": (saved(Workbook()), "line 1: the file is empty"),
    "another separator": (b"sep=|\r\na|b\r\n", "line 1: '|' cannot be a separator"),
    "an old Excel file": (b"\xd0\xcf\x11\xe0" * 200, "line 1: the file is an old Excel file"),
    "half a workbook": (workbook()[:3000], "line 1: the file cannot be read as a workbook"),
    "a document": (
        patched(workbook(), SHEET, lambda xml: xml).replace(b"[Content_Types]", b"[Content_Typos]"),
        "line 1: the file is no workbook (.xlsx)",
    ),
    "a workbook of hidden sheets": (nothing_visible(), "line 1: the workbook has no visible sheet"),
    "a workbook with entities": (
        patched(workbook(), SHEET, with_entities),
        "line 1: the file cannot be read as a workbook (.xlsx): open it",
    ),
    "a sheet without an end": (
        patched(workbook(), SHEET, lambda xml: xml[:1500]),
        "line 1: the file cannot be read as a workbook (.xlsx): open it",
    ),
    "a row far below": (patched(workbook(), SHEET, far_down), "line 1048577: no sheet has as many"),
    "letters of no encoding": (
        PLAIN.encode("cp1252").replace(b"\xfc", b"\x81", 1),
        "line 2: the file is not UTF-8 or Windows-1252: it has byte 0x81 here",
    ),
    "half a letter of UTF-16": (
        b"\xff\xfe" + b"a\0" * 5 + b"b",
        "line 1: the file begins like UTF-16 but is not",
    ),
}
