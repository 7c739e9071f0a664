from datetime import date

import pytest
from hypothesis import settings

from sla import BusinessCalendar


def pytest_configure(config: pytest.Config) -> None:
    """How many examples of each property; every run makes others."""
    settings.register_profile("sla", max_examples=500 if config.getoption("full") else 50)
    settings.load_profile("sla")


@pytest.fixture(scope="session")
def us():
    return BusinessCalendar.for_place("US", years=range(2024, 2030))


@pytest.fixture
def plain():
    """Monday to Friday, no holidays."""
    return BusinessCalendar(
        closed={}, worked={}, weekend={5, 6}, first=date(2026, 1, 1), last=date(2027, 12, 31)
    )
