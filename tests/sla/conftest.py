from datetime import date

import pytest

from sla import BusinessCalendar


@pytest.fixture(scope="session")
def us():
    return BusinessCalendar.for_place("US", years=range(2024, 2030))


@pytest.fixture
def plain():
    """Monday to Friday, no holidays."""
    return BusinessCalendar(
        closed={}, worked={}, weekend={5, 6}, first=date(2026, 1, 1), last=date(2027, 12, 31)
    )
