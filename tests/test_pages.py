"""An assertion says what it misses, not only that something is not True."""

import ast

import pytest
from django.http import HttpResponse

from tests import ROOT
from tests.pages import mismatches

pytestmark = pytest.mark.once
PAGE = "<p>Nothing is owed</p>"


@pytest.mark.parametrize("page", [PAGE, HttpResponse(PAGE)])
def test_mismatches_names_what_is_missing_and_what_is_unwanted(page):
    assert mismatches(page, "Nothing", "owed", without=["Send back"]) == []
    assert mismatches(page, "owed", "Send back", "WO-1", without=["Nothing", "Due"]) == [
        "missing: Send back",
        "missing: WO-1",
        "unwanted: Nothing",
    ]


def test_no_assertion_looks_for_a_text_within_a_tuple():
    """(a in page, b in page) == (True, False) would say no more than (True, True)."""
    found = []
    for path in (ROOT / "tests").rglob("*.py"):
        asserts = [each for each in ast.walk(ast.parse(path.read_text())) if is_assert(each)]
        found += [f"{path.name}:{each.lineno}" for each in asserts if looks_within_a_tuple(each)]
    assert found == []


def is_assert(node: ast.AST) -> bool:
    return isinstance(node, ast.Assert) and isinstance(node.test, ast.Compare)


def looks_within_a_tuple(node: ast.Assert) -> bool:
    sides = [node.test.left, *node.test.comparators]
    return any(
        isinstance(each, ast.Compare) and isinstance(each.ops[0], ast.In | ast.NotIn)
        for side in sides
        if isinstance(side, ast.Tuple)
        for each in side.elts
    )
