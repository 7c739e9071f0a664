"""docs/security.md promises what is tested, in the same words."""

import pytest

from tests import ROOT
from tests.trust.promises import PROMISES

pytestmark = pytest.mark.once


def test_each_promise_stands_in_the_document():
    text = (ROOT / "docs/security.md").read_text()
    found = [line.strip("| ").split(" | ") for line in text.splitlines() if "| `tests/" in line]
    assert found == [[promise, f"`{module}`"] for module, promise in PROMISES.items()]
    assert [module for module in PROMISES if not (ROOT / module).exists()] == []
