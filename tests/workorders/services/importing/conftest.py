import pytest


@pytest.fixture(autouse=True)
def _on_monday() -> None:
    """These choose their own day."""
