"""Every line of sla_cases.csv: expected dates that were worked out by hand, also for places where
libraries differ.
"""

import csv
from datetime import date
from pathlib import Path

import pytest

from sla import BusinessCalendar, CalendarError, ServiceLevel, compute_target

TEXT = Path(__file__).with_name("sla_cases.csv").read_text(encoding="utf-8")
CASES = list(csv.DictReader(TEXT.splitlines()))


def name(case):
    return "{country}-{subdiv}-{delivery_date}+{business_days}".format(**case)


def add(case):
    start = date.fromisoformat(case["delivery_date"])
    years = range(start.year - 1, start.year + 2)
    calendar = BusinessCalendar.for_place(case["country"], case["subdiv"] or None, years=years)
    count = int(case["business_days"])
    due_on = calendar.add_business_days(start, count)
    assert compute_target(ServiceLevel(count), calendar, start=start).due_on == due_on
    return due_on


@pytest.mark.parametrize("case", [case for case in CASES if case["expected"] != "error"], ids=name)
def test_case_has_its_expected_date(case):
    assert add(case) == date.fromisoformat(case["expected"]), case["why"]


@pytest.mark.parametrize("case", [case for case in CASES if case["expected"] == "error"], ids=name)
def test_case_without_an_answer_is_refused(case):
    with pytest.raises(CalendarError):
        add(case)


def test_cases_are_all_run():
    assert len(CASES) == 77
