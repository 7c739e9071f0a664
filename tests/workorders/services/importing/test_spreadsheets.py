"""What spreadsheets of every country save: which files are read, and what is refused by name.

The files are made in spreadsheet_tables.py.
"""

import io
from typing import Any

import openpyxl
import pytest
import time_machine

from tests.workorders.services.importing.import_files import NOW, read_rows
from tests.workorders.services.importing.spreadsheet_tables import REFUSED, SAME, UNREADABLE
from workorders.services.importing import workbook_rows
from workorders.services.importing.reading import FileError, read
from workorders.services.importing.work_orders import COLUMNS

pytestmark = pytest.mark.once


@pytest.fixture(autouse=True)
def _now():
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture(scope="module")
def plain() -> list[dict[str, Any]]:
    with time_machine.travel(NOW, tick=False):
        return values(SAME["commas"])


def values(content: bytes) -> list[dict[str, Any]]:
    rows = read_rows("work_orders", content)
    assert [error for row in rows for error in row.errors] == []
    return [row.values for row in rows]


@pytest.mark.parametrize("name", SAME)
def test_a_file_that_holds_the_same_is_read_the_same(name, plain):
    assert [row["city"] for row in plain] == ["München", "München"]
    assert values(SAME[name]) == plain


@pytest.mark.parametrize(
    ("name", "note"),
    [
        ("semicolons", ()),
        ("Windows-1252, semicolons", ("read as Windows-1252: Landstraße, München, Größl",)),
        ("UTF-16, tabs", ("read as UTF-16",)),
        ("workbook", ()),
    ],
)
def test_how_a_file_was_read_is_said_where_it_may_be_wrong(name, note):
    assert read(io.BytesIO(SAME[name]), COLUMNS).notes == note


@pytest.mark.parametrize("name", REFUSED)
def test_a_line_that_is_wrong_is_refused_by_name(name):
    content, said = REFUSED[name]
    (found,) = [error for row in read_rows("work_orders", content) for error in row.errors]
    assert str(found).startswith(f"line 2: {said}")


@pytest.mark.parametrize("name", UNREADABLE)
def test_a_file_that_cannot_be_read_says_why(name):
    content, said = UNREADABLE[name]
    with pytest.raises(FileError) as refusal:
        read(io.BytesIO(content), COLUMNS)
    assert str(refusal.value.errors[0]).startswith(said)


def test_a_workbook_is_as_large_as_can_be_read_in_one_go(monkeypatch):
    monkeypatch.setattr(workbook_rows, "MAX_ROWS", 2)
    assert len(values(SAME["workbook"])) == 2
    monkeypatch.setattr(workbook_rows, "MAX_ROWS", 1)
    with pytest.raises(FileError, match="line 3: the sheet has more than 1 rows: split it"):
        values(SAME["workbook"])
    monkeypatch.setattr(workbook_rows, "MAX_UNPACKED", 10_000)
    with pytest.raises(
        FileError, match="line 1: the workbook has more than 0 MB once it is unpacked"
    ):
        values(SAME["workbook"])
    assert (workbook_rows.MAX_OTHER_PART, openpyxl.DEFUSEDXML) == (5_000_000, True)


def test_there_are_at_least_sixty_files():
    assert len(SAME) + len(REFUSED) + len(UNREADABLE) >= 60
