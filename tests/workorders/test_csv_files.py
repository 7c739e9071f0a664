"""No part of an exported file starts a formula, whatever separator it is opened with; what the
export adds, the import takes off again, and nothing else.
"""

import csv
import io
import re
import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from workorders.csv_files import (
    SEPARATORS,
    csv_lines,
    join_items,
    plain_cell,
    safe_cell,
    split_items,
)

pytestmark = pytest.mark.once

SIGNS = tuple("=+-@|%")
BEGINNINGS = ["", " ", "\xa0", "\u200b", "\u3000", '"', "＂", " \xa0"]
READ_AS_SIGNS = "=+-@|%＝＋－＠｜％﹢﹣﹦﹪﹫⁺₊⁼₌﬩"
LEADS = ["", "x,", "x;", "x\t", "x\r", "x\n", "x\r\n", "x; ", "x,,", 'x";', "'", "x;'"]
RISKY = st.text(alphabet="'=+-@|%\",;\t\r\n ab1\xa0\u200b＝＂", max_size=12)


def starts_a_formula(cell: str) -> bool:
    """As the most eager spreadsheet would see it."""
    seen = re.sub(r"^[\s\x00-\x20\u200b\"＂]+", "", unicodedata.normalize("NFKC", cell))
    return seen.startswith(SIGNS)


def cells_of(text: str, separator: str) -> list[list[str]]:
    return list(csv.reader(io.StringIO(text, newline=""), delimiter=separator))


def test_no_cell_starts_a_formula_with_any_separator():
    """Written with each separator and opened with each."""
    formulas = [f"{lead}{blank}{sign}1" for lead in LEADS for blank in BEGINNINGS for sign in SIGNS]
    formulas += [f"x;{sign}A1" for sign in READ_AS_SIGNS]
    rows = [["number", "note", "last"], *([cell, cell, cell] for cell in formulas)]
    for written in SEPARATORS.values():
        text = "".join(csv_lines(rows, written))
        assert text.startswith("\ufeff")
        back = cells_of(text[1:], written)
        assert [[plain_cell(cell) for cell in row] for row in back] == rows
        for opened in SEPARATORS.values():
            cells = [cell for row in cells_of(text[1:], opened) for cell in row]
            assert [cell for cell in cells if starts_a_formula(cell)] == []


@given(st.lists(RISKY, min_size=2, max_size=3), st.sampled_from(sorted(SEPARATORS.values())))
def test_whatever_is_written_comes_back(cells, separator):
    text = "".join(csv_lines([["a", "b"], cells], separator))[1:]
    assert [plain_cell(cell) for cell in cells_of(text, separator)[1]] == cells
    for opened in SEPARATORS.values():
        found = [cell for row in cells_of(text, opened) for cell in row]
        assert [cell for cell in found if starts_a_formula(cell)] == []


@pytest.mark.parametrize(
    "cell", ["'s-Gravenhage", "Rock 'n' roll", "5' cable", "'quoted'", "it's; 'so", "''", "'"]
)
def test_an_apostrophe_of_its_own_stays(cell):
    assert (safe_cell(cell), plain_cell(cell)) == (cell, cell)


@pytest.mark.parametrize("cell", ["'=1", "''-1", "x;'=1", "x\n''@1"])
def test_an_apostrophe_before_a_formula_gets_another_one(cell):
    assert safe_cell(cell) != cell
    assert plain_cell(safe_cell(cell)) == cell


@pytest.mark.parametrize("cell", ["Storm; see =A1, 50 % „später“\nline two", "a-b, c+d", "1,5 m"])
def test_plain_words_are_left_alone(cell):
    assert safe_cell(cell) == cell


def test_control_characters_are_left_out():
    assert safe_cell("a\0b\x07c\x9d") == "abc"


@given(st.lists(st.text(alphabet="\\|ab", min_size=1, max_size=5), min_size=1, max_size=4))
@example(["a|b", "c\\", "d"])
def test_items_of_a_cell_come_back(items):
    assert split_items(join_items(items)) == items


def test_items_are_separated_as_ever():
    assert split_items("Lock out|Replace [serial]|C:\\dir\\") == [
        "Lock out",
        "Replace [serial]",
        "C:\\dir\\",
    ]
    assert split_items(r"One \| two|three") == ["One | two", "three"]
