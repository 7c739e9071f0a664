"""Python on the day of the tests, for a portal that works on what they have made."""

import datetime as dt

import time_machine

time_machine.travel(dt.datetime(2026, 3, 2, 17, tzinfo=dt.UTC), tick=True).start()
