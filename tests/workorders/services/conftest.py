import pytest


@pytest.fixture(autouse=True)
def _on_monday(clock) -> None:
    """Every service test happens on Monday, March 2nd 2026."""
