"""How fast `sla` is: its arithmetic beside that of four libraries, and its start beside that of a
bare Python.

Run by `make bench-sla`. Ends with exit status 1 when a demand at the bottom is missed.
"""

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable
from datetime import date, timedelta
from functools import partial
from itertools import product
from pathlib import Path
from statistics import median
from time import perf_counter

import numpy as np
from holidays import country_holidays
from pandas.tseries.offsets import CustomBusinessDay
from workalendar.core import CoreCalendar

import sla
from sla import BusinessCalendar, ServiceLevel, compute_target
from sla.calendars import public_holidays

YEARS = range(2025, 2029)
COUNTS = (1, 3, 5, 20)
QUESTIONS = list(product((date(2026, 1, 1) + timedelta(days=n) for n in range(365)), COUNTS))
ROUNDS = 15
# seconds that a contestant is given in a round, or one pass over QUESTIONS if that takes longer
SLICE = 0.02
STARTS = 25

OURS = "sla: add_business_days"
FULL = "sla: compute_target"
NUMPY = "numpy: busday_offset"
HOLIDAYS = "holidays: get_nth_working_day"
PANDAS = "pandas: CustomBusinessDay"
WORKALENDAR = "workalendar: add_working_days"

FIRST_ANSWER = """
from datetime import date
import sla
calendar = sla.BusinessCalendar(
    closed={date(2026, 12, 24): "Closure"}, worked={}, weekend={5, 6},
    first=date(2026, 1, 1), last=date(2028, 12, 31)
)
calendar.add_business_days(date(2026, 3, 1), 1)
"""

Add = Callable[[date, int], object]


def contestants() -> dict[str, Add]:
    """Each takes a start and a count.

    All know the same weekend and federal holidays, made ready beforehand.
    """
    place = public_holidays("US", None, YEARS)
    weekmask = [weekday not in place.weekend for weekday in range(7)]
    calendar = BusinessCalendar.for_place("US", years=YEARS)
    levels = {count: ServiceLevel(count) for count in COUNTS}
    offsets = {
        count: CustomBusinessDay(count, weekmask=weekmask, holidays=list(place.closed))
        for count in COUNTS
    }
    busdays = np.busdaycalendar(weekmask=weekmask, holidays=list(place.closed))

    class Workalendar(CoreCalendar):
        """Its own list of the federal holidays differs in places; it is the arithmetic that is
        compared.
        """

        WEEKEND_DAYS = tuple(place.weekend)

        def get_calendar_holidays(self, year: int) -> list[tuple[date, str]]:
            return [(day, name) for day, name in place.closed.items() if day.year == year]

    return {
        OURS: calendar.add_business_days,
        FULL: lambda start, count: compute_target(levels[count], calendar, start=start).due_on,
        # A closed start is to count as the business day before it; "forward" would make Saturday +
        # 1 a Tuesday.
        NUMPY: partial(np.busday_offset, roll="backward", busdaycal=busdays),
        HOLIDAYS: country_holidays("US", years=YEARS, expand=False).get_nth_working_day,
        PANDAS: lambda start, count: start + offsets[count],
        WORKALENDAR: Workalendar().add_working_days,
    }


def check_answers(adds: dict[str, Add]) -> None:
    """All must agree from every start.

    Only a count of 0 is not asked, for there the conventions part: from a closed day workalendar
    stays where it is, and numpy goes back. pandas rolls a closed start backward by itself.
    """
    for start, count in QUESTIONS:
        answers = {name: as_date(add(start, count)) for name, add in adds.items()}
        assert set(answers.values()) == {answers[OURS]}, f"{start} + {count}: {answers}"


def as_date(answer: object) -> object:
    """A numpy.datetime64 or pandas.Timestamp as the date that it stands for."""
    return date.fromisoformat(str(answer)[:10])


def seconds_per_call(add: Add, passes: int) -> float:
    begin = perf_counter()
    for _ in range(passes):
        for start, count in QUESTIONS:
            add(start, count)
    return (perf_counter() - begin) / passes / len(QUESTIONS)


def race(adds: dict[str, Add]) -> list[dict[str, float]]:
    """Seconds per call of each contestant, for every round; in each round another one begins."""
    passes = {
        name: int(SLICE / len(QUESTIONS) / seconds_per_call(add, 1)) + 1
        for name, add in adds.items()
    }
    rounds, order = [], list(adds)
    for _ in range(ROUNDS):
        order = [*order[1:], order[0]]
        rounds.append({name: seconds_per_call(adds[name], passes[name]) for name in order})
    return rounds


def starts() -> list[dict[str, float]]:
    """Milliseconds that new processes take, for every round: bare, and with a first answer of a
    copy of `sla`.
    """
    with tempfile.TemporaryDirectory() as name:
        home, package = Path(name), Path(sla.__file__).parent
        for copy in ("cached", "uncached"):
            shutil.copytree(
                package, home / copy / "sla", ignore=shutil.ignore_patterns("__pycache__")
            )
        commands = {
            "bare": partial(milliseconds, "pass", home, write_cache=False),
            "uncached": partial(milliseconds, FIRST_ANSWER, home / "uncached", write_cache=False),
            "cached": partial(milliseconds, FIRST_ANSWER, home / "cached", write_cache=True),
        }
        for warm_up in commands.values():
            warm_up()
        return [{name: command() for name, command in commands.items()} for _ in range(STARTS)]


def milliseconds(code: str, home: Path, *, write_cache: bool) -> float:
    environment = {
        name: value for name, value in os.environ.items() if not name.startswith("PYTHON")
    }
    if not write_cache:
        environment["PYTHONDONTWRITEBYTECODE"] = "1"
    begin = perf_counter()
    subprocess.run([sys.executable, "-c", code], cwd=home, env=environment, check=True)
    return 1000 * (perf_counter() - begin)


def ratio(rounds: list[dict[str, float]], name: str) -> float:
    return median(taken[name] / taken[OURS] for taken in rounds)


def beyond_bare(begun: list[dict[str, float]], name: str) -> float:
    return median(taken[name] - taken["bare"] for taken in begun)


def report(rounds: list[dict[str, float]], begun: list[dict[str, float]]) -> None:
    print(
        f"{len(QUESTIONS)} questions: each day of 2026 and {COUNTS} business days; medians of"
        f" {ROUNDS} rounds\n"
    )
    print(f"{'':32}{'µs per call':>12}{'times ours':>12}")
    for name in sorted(rounds[0], key=partial(ratio, rounds)):
        print(
            f"{name:32}{1e6 * median(taken[name] for taken in rounds):12.2f}"
            f"{ratio(rounds, name):12.1f}"
        )
    print(f"\n{f'A new process, median of {STARTS}':32}{'ms':>12}{'beyond bare':>12}")
    for name, what in [
        ("bare", "bare Python"),
        ("cached", "import and first answer"),
        ("uncached", "the same without .pyc"),
    ]:
        print(
            f"{what:32}{median(taken[name] for taken in begun):12.1f}"
            f"{beyond_bare(begun, name):12.1f}"
        )


def demands(
    rounds: list[dict[str, float]], begun: list[dict[str, float]]
) -> list[tuple[str, bool]]:
    return [
        ("at least 20 times as fast as numpy's scalar call", ratio(rounds, NUMPY) >= 20),
        ("at least 65 times as fast as holidays", ratio(rounds, HOLIDAYS) >= 65),
        # As installed. Without .pyc a busy machine decides: on a quiet one it is about 7 ms.
        (
            "import and first answer at most 8 ms beyond bare Python",
            beyond_bare(begun, "cached") <= 8,
        ),
    ]


def main() -> int:
    adds = contestants()
    check_answers(adds)
    rounds, begun = race(adds), starts()
    report(rounds, begun)
    print()
    for demand, is_met in (verdicts := demands(rounds, begun)):
        print(f"{demand}: {'ok' if is_met else 'MISSED'}")
    return 0 if all(is_met for _, is_met in verdicts) else 1


if __name__ == "__main__":
    sys.exit(main())
