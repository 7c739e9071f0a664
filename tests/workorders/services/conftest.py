"""Monday, March 2nd 2026, 9:00 in San Francisco."""

import datetime as dt

import pytest
import time_machine


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel(dt.datetime(2026, 3, 2, 17, tzinfo=dt.UTC), tick=False) as traveller:
        yield traveller
