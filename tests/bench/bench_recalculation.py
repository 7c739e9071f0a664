"""A holiday is added that moves one of a hundred open work orders: our recalculation beside `bulk_update` of all.

    python -m tests.bench.bench_recalculation sqlite:///…  postgres://…

Each address names a database to be made for this, and taken away again. Ends with exit status 1 when a demand is
missed: so many times as fast as Django's `bulk_update` of the two fields of all rows (the rows already read, their
targets already computed), and memory that grows by less than 32 MiB.
"""

import datetime as dt
import os
import resource
import statistics
import subprocess
import sys
import time

WORK_ORDERS = 100_000
ROUNDS = 5
DEMANDS = {"sqlite": 60, "postgresql": 100}
MIB = 1024  # ru_maxrss is in KiB


def main(urls: list[str]) -> int:
    print(f"Recalculation of {WORK_ORDERS:,} open work orders after a holiday that moves 1 % of them\n")
    codes = []
    for url in urls:
        with database(url) as environment:
            codes.append(subprocess.run([sys.executable, "-m", __spec__.name, "--one"], env=environment).returncode)
    return max(codes)


def one() -> int:
    import django

    django.setup()
    from django.core.management import call_command
    from django.db import connection

    call_command("migrate", verbosity=0)
    from tests.bench import open_work_orders

    territory, holiday = open_work_orders.make(WORK_ORDERS)
    ours, moved, grown = recalculations(territory, holiday)
    theirs = bulk_update(territory)
    ratio, demanded = theirs / statistics.median(ours), DEMANDS[connection.vendor]
    print(f"{connection.vendor:>10}: {moved:,} moved, each told in the ledger")
    print(f"{'':>12}recalculate: median {statistics.median(ours) * 1000:8.0f} ms of {len(ours)} rounds")
    print(f"{'':>12}bulk_update: {theirs * 1000:15.0f} ms")
    print(f"{'':>12}{ratio:.0f} times as fast (demanded: {demanded}) {'ok' if ratio >= demanded else 'MISSED'}")
    print(f"{'':>12}memory grew by {grown:.1f} MiB (demanded: under 32) {'ok' if grown < 32 else 'MISSED'}\n")
    return int(ratio < demanded or grown >= 32)


def recalculations(territory, holiday) -> tuple[list[float], int, float]:
    """Seconds of each, the holiday closed and opened in turn; how many moved; MiB that memory grew by."""
    from tests.bench.open_work_orders import toggle
    from workorders.services.recalculating import recalculate

    before, seconds, moved = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, [], 0
    for number in range(ROUNDS):
        toggle(territory, holiday, closed=number % 2 == 0)
        start = time.perf_counter()
        moved = recalculate().moved
        seconds.append(time.perf_counter() - start)
    return seconds, moved, (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / MIB


def bulk_update(territory) -> float:
    """What one would write without sets: every row's target and revision anew, a thousand rows a statement."""
    from workorders.models import WorkOrder

    rows = list(WorkOrder.objects.following_target().filter(territory=territory))
    for row in rows:
        row.target_on += dt.timedelta(days=1)
        row.target_revision += 1
    start = time.perf_counter()
    WorkOrder.objects.bulk_update(rows, ["target_on", "target_revision"], batch_size=1000)
    return time.perf_counter() - start


class database:
    """The environment of a process that uses this database."""

    def __init__(self, url: str) -> None:
        self.url = url

    def __enter__(self) -> dict[str, str]:
        if self.url.startswith("postgres"):
            server, _, self.name = self.url.rpartition("/")
            self.server = f"{server}/postgres"
            subprocess.run(["psql", "-q", self.server, "-c", f"CREATE DATABASE {self.name}"], check=True)
        return os.environ | {
            "DATABASE_URL": self.url,
            "DEBUG": "0",
            "SECRET_KEY": "of-a-benchmark-" * 5,
            "DJANGO_SETTINGS_MODULE": "portal.settings",
        }

    def __exit__(self, *error: object) -> None:
        if self.url.startswith("postgres"):
            subprocess.run(["psql", "-q", self.server, "-c", f"DROP DATABASE {self.name} WITH (FORCE)"], check=True)
        else:
            for suffix in ("", "-wal", "-shm"):
                path = self.url.removeprefix("sqlite:///") + suffix
                if os.path.exists(path):
                    os.remove(path)


if __name__ == "__main__":
    sys.exit(one() if sys.argv[1:] == ["--one"] else main(sys.argv[1:]))
