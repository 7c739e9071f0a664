"""What the package promises as a whole: light to load, impossible to change, the same from every thread."""

import copy
import pickle
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from pathlib import Path

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


def test_import_loads_neither_holidays_nor_anything_heavy():
    code = "import sys, sla; print(sorted({'holidays', 'typing', 'dataclasses', 'django', 're'} & sys.modules.keys()))"
    loaded = subprocess.run(
        [sys.executable, "-S", "-c", code], cwd=HOME.parent, capture_output=True, text=True, check=True
    )
    assert loaded.stdout == "[]\n"


def test_holidays_is_imported_in_one_place():
    lines = [line for file in HOME.glob("*.py") for line in file.read_text("utf-8").splitlines()]
    imports = [line.split()[1] for line in lines if "import" in line and line.split()[:1] in (["from"], ["import"])]
    assert [name for name in imports if name.startswith("holidays")] == ["holidays", "holidays.registry"]


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
        closed=closed, worked=worked, weekend=weekend, first=date(2026, 1, 1), last=date(2026, 12, 31)
    )
    closed.clear()
    worked[date(2026, 3, 7)] = "Rush"
    weekend.clear()
    assert calendar == values()[0]
    assert calendar.closed_reason(CLOSED_DAY) == "Closure"


def test_threads_agree_with_one_on_the_same_calendar(us):
    def targets(_):
        starts = [date.fromordinal(n) for n in range(us.first.toordinal(), us.last.toordinal() - 60)]
        return [compute_target(ServiceLevel(3), us, start=start).due_on for start in starts]

    with ThreadPoolExecutor(16) as pool:
        assert list(pool.map(targets, range(16))) == [targets(0)] * 16


def test_threads_agree_with_one_on_calendars_of_their_own():
    def calendars(turn):
        years = range(2020 + turn % 4, 2030)
        return [BusinessCalendar.for_place(*place, years=years) for place in [("US", "CA"), ("GB", "ENG")]]

    with ThreadPoolExecutor(16) as pool:
        assert list(pool.map(calendars, range(16))) == [calendars(turn) for turn in range(16)]
