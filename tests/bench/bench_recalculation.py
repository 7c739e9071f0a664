"""A holiday is added that moves one of a hundred open work orders: our recalculation beside
`bulk_update` of all.

Run by `make bench`, on SQLite and on the PostgreSQL server of TEST_POSTGRES_URL, in databases of
its own. Ends with exit status 1 when a demand is missed: so many times as fast as Django's
`bulk_update` of two fields of all rows, which are already read and computed, and memory that grows
by less than 32 MiB.
"""

import datetime as dt
import resource
import statistics
import sys
import time

from tests.bench.databases import on_postgresql, on_sqlite, run_step

WORK_ORDERS = 100_000
ROUNDS = 5
DEMANDS = {"sqlite": 60, "postgresql": 100}
MIB = 1024  # ru_maxrss is in KiB


def main() -> int:
    print(
        f"\nRecalculation of {WORK_ORDERS:,} open work orders after a holiday that moves 1 % of"
        " them\n"
    )
    codes = []
    for made in (on_sqlite, on_postgresql):
        with made() as url:
            run_step(__spec__.name, "--fill", url)
            codes.append(run_step(__spec__.name, "--measure", url))
    return max(codes)


def fill() -> int:
    from django.core.management import call_command

    from tests.bench import open_work_orders

    call_command("migrate", verbosity=0)
    open_work_orders.make(WORK_ORDERS)
    return 0


def measure() -> int:
    from django.db import connection

    from tests.bench.open_work_orders import add_people

    ours, moved, grown = recalculations()
    add_people()
    notifying, *_ = recalculations(first=ROUNDS)
    theirs = bulk_update()
    ratio, demanded = theirs / statistics.median(ours), DEMANDS[connection.vendor]
    print(f"{connection.vendor}: {moved:,} moved, each entered in the ledger")
    print(
        f"    recalculate, median of {len(ours)} rounds: {statistics.median(ours) * 1000:7,.0f} ms"
    )
    print(f"    bulk_update of all:           {theirs * 1000:7,.0f} ms")
    print(
        f"    at least {demanded} times as fast: {ratio:.0f} times,"
        f" {'ok' if ratio >= demanded else 'MISSED'}"
    )
    print(f"    memory grows by under 32 MiB: {grown:.1f} MiB, {'ok' if grown < 32 else 'MISSED'}")
    print(f"    with two people notified of each: {statistics.median(notifying) * 1000:7,.0f} ms\n")
    return int(ratio < demanded or grown >= 32)


def recalculations(first: int = 0) -> tuple[list[float], int, float]:
    """Seconds of each, the holiday closed and opened in turn; how many moved; MiB that memory grew
    by.
    """
    from tests.bench.open_work_orders import holiday_ahead, toggle
    from workorders.services.calendars.recalculating import recalculate

    before, seconds, moved = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, [], 0
    for number in range(first, first + ROUNDS):
        toggle(holiday_ahead(), closed=number % 2 == 0)
        start = time.perf_counter()
        moved = recalculate().moved
        seconds.append(time.perf_counter() - start)
    return seconds, moved, (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / MIB


def bulk_update() -> float:
    """What one would write without sets: every row's target and revision anew, a thousand rows a
    statement.
    """
    from workorders.models import WorkOrder

    rows = list(WorkOrder.objects.following_target())
    for row in rows:
        row.target_on += dt.timedelta(days=1)
        row.target_revision += 1
    start = time.perf_counter()
    WorkOrder.objects.bulk_update(rows, ["target_on", "target_revision"], batch_size=1000)
    return time.perf_counter() - start


if __name__ == "__main__":
    if sys.argv[1:]:
        import django

        django.setup()
    sys.exit({"--fill": fill, "--measure": measure}[sys.argv[1]]() if sys.argv[1:] else main())
