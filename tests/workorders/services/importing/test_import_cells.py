"""From the text of a cell to its value, without a database: what it cannot be is said by line and
column.
"""

import pytest
import time_machine

from tests.workorders.services.importing.import_files import (
    ANY_CELL,
    ANY_COLUMN,
    COLUMNS,
    NOW,
    as_csv,
    read_rows,
    sample,
    with_cell,
)
from workorders.services.importing.reading import FileError

pytestmark = pytest.mark.once


@pytest.fixture(autouse=True)
def _now():
    with time_machine.travel(NOW, tick=False):
        yield


def errors(name: str, content: bytes) -> list[str]:
    """Whatever is wrong with this content of a file."""
    try:
        rows = read_rows(name, content)
    except FileError as error:
        return list(map(str, error.errors))
    return [str(error) for row in rows for error in row.errors]


@pytest.mark.parametrize(
    ("name", "column"), [(name, column) for name in COLUMNS for column in COLUMNS[name]]
)
def test_a_missing_column_is_named(name, column):
    columns = [each for each in COLUMNS[name] if each != column]
    assert errors(name, as_csv(sample(name), columns)) == [
        f"line 1: {column}: this column is missing"
    ]


@pytest.mark.parametrize(
    ("column", "cell", "said"),
    [
        ("assigned_on", "2026-02-30", "'2026-02-30' is not a date"),
        (
            "assigned_on",
            "11/7/2026",
            "'11/7/2026' is a date changed by a spreadsheet: write YYYY-MM-DD",
        ),
        ("assigned_on", "46333", "'46333' is a date changed by a spreadsheet: write YYYY-MM-DD"),
        (
            "assigned_on",
            "7-Nov-26",
            "'7-Nov-26' is a date changed by a spreadsheet: write YYYY-MM-DD",
        ),
        (
            "assigned_on",
            "2026-11-07 00:00:00",
            "'2026-11-07 00:00:00' is a date changed by a spreadsheet: write YYYY-MM-DD",
        ),
        ("assigned_on", "20261107", "'20261107' is not a date: write YYYY-MM-DD"),
        ("assigned_on", "Monday", "'Monday' is not a date: write YYYY-MM-DD"),
        (
            "assigned_on",
            "2026-11-07T00:00:00Z",
            "'2026-11-07T00:00:00Z' is not a date: write YYYY-MM-DD",
        ),
        ("assigned_on", "٢٠٢٦-١١-٠٧", "'٢٠٢٦-١١-٠٧' is not a date: write YYYY-MM-DD"),
        (
            "assigned_on",
            "9999-12-31",
            "'9999-12-31' is too far away: use a date from 2000 to 5 years ahead",
        ),
        ("assigned_on", "", "is required"),
        (
            "station_serial",
            "8.15E+11",
            "'8.15E+11' is a number changed by a spreadsheet: write all its digits",
        ),
        (
            "case_number",
            "8,15E+11",
            "'8,15E+11' is a number changed by a spreadsheet: write all its digits",
        ),
        (
            "poc_phone",
            "1.42E+10",
            "'1.42E+10' is a number changed by a spreadsheet: write all its digits",
        ),
        (
            "case_number",
            "11/7/2026",
            "'11/7/2026' is a number that a spreadsheet turned into a date: write its digits",
        ),
        ("poc_name", "#NAME?", "'#NAME?' is an error left behind by a spreadsheet"),
        ("parts_required", "TRUE", "'TRUE' is neither yes nor no"),
        (
            "work_type",
            "repair",
            "'repair' is unknown: use one of Repair, Installation, Commissioning",
        ),
        (
            "time_zone",
            "Mars/Olympus",
            "'Mars/Olympus' is not a time zone: write one such as America/Los_Angeles",
        ),
        ("country", "USA", "'USA' is not a country: two capital letters, such as US"),
        ("poc_email", "mina", "'mina' is not an e-mail address"),
        ("number", "WO 1/2", "'WO 1/2' is not a number: use letters, digits, - and _ only"),
        ("number", "WO.1", "'WO.1' is not a number: use letters, digits, - and _ only"),
        ("number", "../admin", "'../admin' is not a number: use letters, digits, - and _ only"),
        ("subject", "a\0b", "'a\N{REPLACEMENT CHARACTER}b' contains a NUL character"),
        ("subject", "s" * 10_000, f"'{'s' * 60}…' is too long: 10000 characters, 200 at most"),
        ("line_items", "one||three", "line item 2 is empty"),
        ("line_items", "", "is required"),
    ],
)
def test_a_bad_cell_is_quoted_with_line_and_column(column, cell, said):
    rows = sample("work_orders")
    rows[2][column] = cell
    assert errors("work_orders", as_csv(rows)) == [f"line 5: {column}: {said}"]


@pytest.mark.parametrize("cell", ANY_CELL)
@pytest.mark.parametrize("column", ANY_COLUMN)
def test_every_cell_is_a_value_or_an_error(column, cell):
    name, rows = with_cell(column, cell)
    first, second = read_rows(name, as_csv(rows))
    assert [column in first.values, *(error.column for error in first.errors)] in (
        [True],
        [False, column],
    )
    assert second.errors == []
