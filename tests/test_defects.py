"""What went wrong in other systems, and the tests that it cannot go wrong here.

defects.csv is the table. Where a line is answered by the design, `by_design` says how; `held_by`
names the tests that hold it, and the code by its module and attribute.
"""

import csv
import pkgutil
import re
from pathlib import Path

import pytest

pytestmark = pytest.mark.once

TESTS = Path(__file__).parent
DEFECTS = list(csv.DictReader((TESTS / "defects.csv").read_text(encoding="utf-8").splitlines()))
FILES = "\n".join(path.read_text() for path in TESTS.rglob("test_*.py"))
NAMES = set(re.findall(r"^def (test_\w+)\(", FILES, re.MULTILINE))


@pytest.mark.parametrize("defect", DEFECTS, ids=lambda defect: defect["what_went_wrong"])
def test_defect_is_answered_by_tests_and_code_that_exist(defect):
    held_by = defect["held_by"].split("|")
    assert [name for name in held_by if not exists(name)] == []
    assert NAMES & set(held_by) != set()


def exists(name: str) -> bool:
    if "." not in name:
        return name in NAMES
    try:
        pkgutil.resolve_name(name)
    except (ImportError, AttributeError):
        return False
    return True


def test_a_defect_is_told_once():
    defects = [defect["what_went_wrong"] for defect in DEFECTS]
    assert len(defects) == len(set(defects)) == 117
