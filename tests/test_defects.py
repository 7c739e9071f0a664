"""What went wrong in other systems, and the tests that it cannot go wrong here.

defects.csv is the table: where a line is answered by the design, `by_design` says how, and the
tests hold it.
"""

import csv
import re
from pathlib import Path

import pytest

pytestmark = pytest.mark.once

TESTS = Path(__file__).parent
DEFECTS = list(csv.DictReader((TESTS / "defects.csv").read_text(encoding="utf-8").splitlines()))
FILES = "\n".join(path.read_text() for path in TESTS.rglob("test_*.py"))
NAMES = set(re.findall(r"^def (test_\w+)\(", FILES, re.MULTILINE))


@pytest.mark.parametrize("defect", DEFECTS, ids=lambda defect: defect["what_went_wrong"])
def test_defect_is_answered_by_tests_that_exist(defect):
    held_by = defect["held_by"].split("|")
    assert [name for name in held_by if name not in NAMES] == []


def test_a_defect_is_told_once():
    told = [defect["what_went_wrong"] for defect in DEFECTS]
    assert len(told) == len(set(told)) == 117
