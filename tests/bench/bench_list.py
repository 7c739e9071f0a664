"""What an answer costs: our pages beside those that others would write of the same work orders.

Run by `make bench-list`, on SQLite and on the PostgreSQL server of TEST_POSTGRES_URL, in databases
of its own; with BENCH_DATABASE_URL on that database alone, as `seed_demo --accounts` has left it:
so a million can be measured. Each figure is the processor's time of one answer, that of the
database server included; the pages are asked for in turn. Figures of
different machines are compared by their ratio to a bare page of 10 kB.
"""

import os
import statistics
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urlsplit
from wsgiref.util import setup_testing_defaults

from tests.bench.databases import on_postgresql, on_sqlite, run_step

WORK_ORDERS, PARTNERS = 20_000, 20
ROUNDS = 15
BARE = "a bare page of 10 kB"


class Page(NamedTuple):
    name: str
    reader: str  # an e-mail address
    path: str
    at_most: int | None = None  # times the bare page, where it is to get


def main() -> int:
    given = os.environ.get("BENCH_DATABASE_URL")
    if given:
        return step("--measure", given)
    for made in (on_sqlite, on_postgresql):
        with made() as url:
            step("--fill", url)
            step("--measure", url)
    return 0


def step(name: str, url: str) -> int:
    return run_step(__spec__.name, name, url, settings="tests.bench.settings")


def fill() -> int:
    from django.core.management import call_command

    call_command("migrate", verbosity=0)
    size = ["--work-orders", str(WORK_ORDERS), "--partners", str(PARTNERS)]
    call_command("seed_demo", *size, "--accounts", stdout=sys.stderr, verbosity=0)
    return 0


def measure() -> int:
    from django.db import connection

    from workorders.models import WorkOrder

    print(f"\n{connection.vendor}, {WorkOrder.objects.count():,} work orders\n")
    asks = {page: asking(page) for page in pages()}
    for ask in asks.values():  # what is built once is built, and what differs is found
        ask(), ask()
    own, servers = {page: [] for page in asks}, Counter[Page]()
    for _ in range(ROUNDS):
        for page, ask in asks.items():
            before = time.process_time(), servers_time()
            ask()
            own[page].append(time.process_time() - before[0])
            servers[page] += servers_time() - before[1]
    cost = {page: statistics.median(own[page]) + servers[page] / ROUNDS for page in asks}
    bare = next(cost[page] for page in asks if page.name == BARE)
    for page in asks:
        aim = f"to be {page.at_most} x at most" if page.at_most else ""
        print(f"  {page.name:36} {cost[page] * 1000:8.1f} ms {cost[page] / bare:8,.0f} x  {aim}")
    return 0


def pages() -> list[Page]:
    """Read by the dispatcher of the largest partner, by that of the median one, and by staff."""
    from django.db.models import Count

    from portal.people.models import Partner, User
    from workorders.models import WorkOrder

    largest, staff = "dana@voltfix.example", "staff@chargepoint.example"
    partners = Partner.objects.annotate(size=Count("work_orders")).order_by("size")
    middle = partners[partners.count() // 2]
    User.objects.filter(partner=middle).update(is_active=True)
    median = User.objects.filter(partner=middle).values_list("email", flat=True)[0]
    dana = User.objects.get(email=largest)
    number = WorkOrder.objects.filter(partner=dana.partner, counts_as_open=True)[0].number
    print(f"  largest partner {dana.partner.work_orders.count():,}, median {middle.size:,}\n")
    return [
        Page(BARE, "", "/reference/bare/"),
        Page("django-ninja, 50 rows as JSON", largest, "/reference/api/work-orders"),
        Page("django-tables2 and django-filter", largest, "/reference/table/"),
        Page(
            "stock admin's list",
            "admin@chargepoint.example",
            "/reference/admin/workorders/workorder/",
        ),
        Page("list, largest partner", largest, "/work-orders/", 60),
        Page("list, median partner", median, "/work-orders/", 60),
        Page("list, by status", largest, "/work-orders/?status=assigned", 60),
        Page("search, largest partner", largest, "/work-orders/?q=cable", 100),
        Page("search, median partner", median, "/work-orders/?q=cable", 100),
        Page("work order", largest, f"/work-orders/{number}/", 90),
        Page("scorecard, largest partner", largest, "/scorecard/"),
        Page("list, staff", staff, "/work-orders/", 80),
        Page("day in the admin", staff, "/admin/", 80),
        Page("list in the admin", staff, "/admin/workorders/workorder/", 120),
    ]


def asking(page: Page) -> Callable[[], None]:
    """Asks the portal for a page, as its server would; only the bare page has no middleware."""
    from django.conf import settings
    from django.core.handlers.wsgi import WSGIHandler
    from django.test import Client, override_settings

    from portal.people.models import User

    with override_settings(MIDDLEWARE=settings.MIDDLEWARE if page.reader else []):
        portal = WSGIHandler()
    client = Client()
    if page.reader:
        client.force_login(User.objects.get(email=page.reader))
    cookies = "; ".join(f"{name}={morsel.value}" for name, morsel in client.cookies.items())
    address = urlsplit(page.path)

    def ask() -> None:
        environ: dict[str, Any] = {"HTTP_COOKIE": cookies, "HTTP_HOST": "127.0.0.1"}
        environ |= {"PATH_INFO": address.path, "QUERY_STRING": address.query}
        setup_testing_defaults(environ)
        statuses: list[str] = []
        answer: Any = portal(environ, lambda status, headers: statuses.append(status))
        consume(answer)
        answer.close()
        assert statuses == ["200 OK"], (page.name, statuses)

    return ask


def consume(answer: Iterable[bytes]) -> None:
    for _ in answer:
        pass


def servers_time() -> float:
    """Seconds on the processor of the PostgreSQL process behind this connection: to 10 ms, so that
    only the sum of many answers tells something.
    """
    from django.db import connection

    if connection.vendor == "sqlite":
        return 0
    connection.ensure_connection()
    server = Path("/proc", str(connection.connection.info.backend_pid), "stat")
    fields = server.read_text().rpartition(")")[2].split()
    return sum(map(int, fields[11:13])) / os.sysconf("SC_CLK_TCK")


if __name__ == "__main__":
    if sys.argv[1:]:
        import django

        django.setup()
    sys.exit({"--fill": fill, "--measure": measure}[sys.argv[1]]() if sys.argv[1:] else main())
