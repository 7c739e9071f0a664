"""What the package promises as a whole: light to load, impossible to change, the same from every
thread.
"""

import copy
import pickle
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from pathlib import Path
from threading import Barrier

import pytest

import sla
from sla import BusinessCalendar, ServiceLevel, Step, Target, compute_target

HOME = Path(sla.__file__).parent
CLOSED_DAY = date(2026, 3, 4)


def values():
    closed = {CLOSED_DAY: "Closure"}
    calendar = BusinessCalendar(
        closed=closed, worked={}, weekend={5, 6}, first=date(2026, 1, 1), last=date(2026, 12, 31)
    )
    step = Step(CLOSED_DAY, "skipped", "Closure")
    return [calendar, ServiceLevel(1), step, Target(CLOSED_DAY, (step,))]


def test_package_exports_its_interface():
    assert sorted(sla.__all__) == [
        "BusinessCalendar",
        "CalendarError",
        "ServiceLevel",
        "Step",
        "Target",
        "compute_target",
    ]


def run(code, *options):
    """What a new Python prints."""
    command = [sys.executable, *options, "-c", code]
    return subprocess.run(
        command, cwd=HOME.parent, capture_output=True, text=True, check=True
    ).stdout


def test_import_loads_neither_holidays_nor_anything_heavy():
    code = (
        "import sys, sla; print(sorted({'holidays', 'typing', 'dataclasses', 'django', 're'} &"
        " sys.modules.keys()))"
    )
    assert run(code, "-S") == "[]\n"


def test_import_of_a_calendar_loads_no_targets():
    code = (
        "import sys; from sla import BusinessCalendar; print(sorted(m for m in sys.modules if m[:3]"
        " == 'sla'))"
    )
    assert run(code, "-S") == "['sla', 'sla.calendars', 'sla.values']\n"


def test_package_has_each_name_that_it_exports_and_no_other():
    assert [name for name in sla.__all__ if not hasattr(sla, name)] == []
    assert sla.compute_target is compute_target
    with pytest.raises(AttributeError, match="module 'sla' has no attribute 'compute_targets'"):
        sla.compute_targets  # noqa: B018


def test_holidays_is_imported_in_one_place():
    lines = [line for file in HOME.glob("*.py") for line in file.read_text("utf-8").splitlines()]
    imports = [
        line.split()[1]
        for line in lines
        if "import" in line and line.split()[:1] in (["from"], ["import"])
    ]
    assert [name for name in imports if name.startswith("holidays")] == [
        "holidays",
        "holidays.registry",
    ]


@pytest.mark.parametrize("value", values(), ids=lambda value: type(value).__name__)
def test_value_cannot_be_changed(value):
    for name in [*type(value).__slots__, "other"]:
        with pytest.raises(AttributeError, match="cannot be changed"):
            setattr(value, name, None)
        with pytest.raises(AttributeError, match="cannot be changed"):
            delattr(value, name)


@pytest.mark.parametrize(("value", "twin"), list(zip(values(), values(), strict=True)))
def test_value_equals_its_twin_and_its_copies(value, twin):
    for same in (twin, copy.copy(value), copy.deepcopy(value), pickle.loads(pickle.dumps(value))):
        assert same == value
        assert hash(same) == hash(value)
        assert repr(same) == repr(value)


def test_value_differs_from_others():
    assert len(set(values())) == 4
    assert ServiceLevel(1) != ServiceLevel(2)
    assert ServiceLevel(1) != 1


def test_calendar_keeps_its_days_when_what_it_was_made_from_changes():
    closed, worked, weekend = {CLOSED_DAY: "Closure"}, {}, {5, 6}
    calendar = BusinessCalendar(
        closed=closed,
        worked=worked,
        weekend=weekend,
        first=date(2026, 1, 1),
        last=date(2026, 12, 31),
    )
    closed.clear()
    worked[date(2026, 3, 7)] = "Rush"
    weekend.clear()
    assert calendar == values()[0]
    assert calendar.closed_reason(CLOSED_DAY) == "Closure"


def in_sixteen_threads(ask):
    """What ask() returns in each of sixteen threads that begin at the same time."""
    together = Barrier(16)

    def begin(_):
        together.wait(timeout=10)
        return ask()

    with ThreadPoolExecutor(16) as pool:
        return list(pool.map(begin, range(16)))


def test_threads_agree_with_one_on_the_same_calendar(us):
    def targets():
        starts = [
            date.fromordinal(n) for n in range(us.first.toordinal(), us.last.toordinal() - 60, 3)
        ]
        holds = [(date(2026, 3, 4), date(2026, 3, 9)), (date(2028, 6, 1), None)]
        levels = [ServiceLevel(3), ServiceLevel(3, from_next_business_day=True)]
        return [
            compute_target(level, us, start=start, holds=holds)
            for start in starts
            for level in levels
        ]

    assert in_sixteen_threads(targets) == [targets()] * 16


def test_threads_agree_with_one_on_calendars_of_their_own():
    def calendars():
        places = [("US", "CA"), ("GB", "ENG"), ("HU", None)]
        return [BusinessCalendar.for_place(*place, years=range(2020, 2030)) for place in places]

    assert in_sixteen_threads(calendars) == [calendars()] * 16


def test_threads_may_be_the_first_to_load_what_is_loaded_late():
    code = """
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from threading import Barrier
import sla
together = Barrier(16)
def first_target(_):
    together.wait(timeout=10)
    calendar = sla.BusinessCalendar.for_place("US", "CA", years=[2026])
    return sla.compute_target(sla.ServiceLevel(1), calendar, start=date(2026, 7, 2)).due_on
with ThreadPoolExecutor(16) as pool:
    print(*set(pool.map(first_target, range(16))))
"""
    assert run(code) == "2026-07-06\n"
