"""Every figure is what plain SQL counts, and the length of the list it opens: of 600 work orders;
with --full, of 20,000, and for each value of every filter.
"""

import datetime as dt
from collections import Counter
from itertools import islice, pairwise, product
from random import Random
from typing import Any

import pytest
import time_machine
from django.db import connection

from tests.factories import make_entitlement, make_site, make_territory, make_work_order
from tests.workorders.scorecard.scores import (
    LIST,
    NOON,
    URL,
    WHOLE_YEARS,
    by_hand,
    csv_of,
    days_by_hand,
    days_shown,
    figures_of,
    lengths,
    month_of,
    numbers_in,
    shown,
    spells,
)
from workorders.models import (
    Appointment,
    Hold,
    LedgerEntry,
    MissedSLAReason,
    PastAssignment,
    Verdict,
    WorkOrder,
)
from workorders.services.waiting import keep_all_waits
from workorders.states import ENDED, Cause, DelayReason, Status, VerdictKind

pytestmark = pytest.mark.no_waits  # what else is kept is not


@pytest.fixture
def size(full_size) -> int:
    return 20_000 if full_size else 600


@pytest.fixture
def many(size, voltfix, amped, dana, staff) -> None:
    """Work orders in every status, with and without target, outcome, visit, booking, reasons and
    verdicts.
    """
    any_of, places = (
        Random(5),
        [make_site(), make_site("Shibuya", "Midori", time_zone="Asia/Tokyo")],
    )
    stations = [make_work_order(site=site).station for site in places]
    territories = [
        make_territory(),
        make_territory("US-CA", "US", "CA"),
        make_territory("CA-ON", "CA", "ON"),
    ]
    levels, partners = [make_entitlement(), make_entitlement("Parts Warranty", 5)], [voltfix, amped]
    first, work_types = dt.date(2025, 12, 1), ["repair", "installation", "commissioning"]

    def day(*missing: None) -> Any:
        return any_of.choice([*missing, first + dt.timedelta(days=any_of.randrange(115))])

    def row(n: int) -> WorkOrder:
        status, place, on, visited_on = (
            any_of.choice(list(Status)),
            any_of.randrange(2),
            day(None, None),
            day(None),
        )
        protected = day(None)
        outcome_target = day(None, None) if status in (*ENDED, Status.IN_PROGRESS) else None
        days = {"outcome_target_on": outcome_target, "outcome_days_late": any_of.choice([0, None])}
        if outcome_target:
            gap = any_of.randrange(-4, 7)
            days |= {
                "outcome_on": outcome_target + dt.timedelta(days=gap),
                "outcome_days_late": max(0, gap - 1),
            }
        unaccepted = (
            status in (Status.ASSIGNED, Status.COULD_NOT_COMPLETE) and any_of.random() < 0.5
        )
        return WorkOrder(
            number=f"WO-{n}",
            status=status,
            site=places[place],
            station=stations[place],
            held_from=Status.SHIPPED if status == Status.ON_HOLD else "",
            completed_at=NOON,
            assigned_on=first,
            accepted_on=None if unaccepted else first,
            target_on=on,
            parts_due_on=day(None, None),
            visited_on=visited_on,
            kept_target_on=first if visited_on and on is None and n % 2 else None,
            nobody_there=visited_on is not None and n % 7 == 0,
            outcome_nobody_there=outcome_target is not None and n % 11 == 0,
            protected_until=protected,
            protected_by=protected,
            partner=any_of.choice(partners),
            territory=any_of.choice(territories),
            **{"entitlement": any_of.choice(levels), "work_type": any_of.choice(work_types)} | days,
        )

    rows = WorkOrder.objects.bulk_create(map(row, range(size)))
    booked = [each for each in rows if each.target_on and any_of.random() < 0.6]
    about = {"technician_name": "Robin", "contact_phone": "1", "booked_by": dana, "at": NOON}
    about["booked_on"] = NOON.date()
    for each in booked:
        on = any_of.choice([each.target_on, day()])
        each.appointment = Appointment(work_order=each, on=on, **about)
    Appointment.objects.bulk_create(each.appointment for each in booked)
    WorkOrder.objects.bulk_update(booked, ["appointment"], batch_size=500)
    add_history(rows, any_of)
    dates = {
        "target_on": first,
        "appointment_at": NOON,
        "appointment_on": NOON.date(),
        "business_days_late": 1,
    }
    given, counting = [], set()
    for each in any_of.choices(rows, k=size):
        key = each.pk, any_of.choice([1, 1, 1, 2])
        known = {"cycle": key[1], "counts": key not in counting}
        counting.add(key)
        reason = any_of.choice(DelayReason.values)
        given.append(
            MissedSLAReason(work_order=each, reason=reason, given_by=dana, **known, **dates)
        )
    reasons = MissedSLAReason.objects.bulk_create(given)
    other = Random(6)
    declined = [(each, other.randrange(115), other.choice(reasons)) for each in rows[:60]]
    PastAssignment.objects.bulk_create(
        PastAssignment(
            work_order=each,
            partner=amped if each.partner == voltfix else voltfix,
            until=NOON,
            missed_sla=reason if n % 3 else None,
            outcome_target_on=first + dt.timedelta(days=on),
            outcome_on=first + dt.timedelta(days=on + 1 + n % 5),
            outcome_days_late=n % 5,
        )
        for n, (each, on, reason) in enumerate(declined)
    )
    kinds = [any_of.choice(VerdictKind.values) for _ in reasons]
    judged = zip(any_of.choices(reasons, k=size), kinds, strict=True)
    Verdict.objects.bulk_create(
        Verdict(missed_sla=each, kind=kind, note="-", by=staff) for each, kind in judged
    )
    keep_all_waits()
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")  # as a server does by itself


def add_history(rows, any_of) -> None:
    """A ledger that leads to each one's status by any way, and holds for any cause."""
    began = dt.datetime(2025, 12, 1, 8, tzinfo=dt.UTC)
    entries, holds = [], []
    for each in rows:
        at = began + dt.timedelta(seconds=any_of.randrange(9 * 86400))
        entries.append(LedgerEntry(work_order=each, version=1, event="created", at=at))
        way = [Status.ASSIGNED, *any_of.choices(list(Status), k=any_of.randrange(5)), each.status]
        for version, (old, new) in enumerate(pairwise(way), start=2):
            at += dt.timedelta(seconds=any_of.randrange(9 * 86400))
            event = (
                "held"
                if new == Status.ON_HOLD
                else "resumed"
                if old == Status.ON_HOLD
                else "closed"
            )
            changes = {"status": [old, new]} if old != new else {"poc_name": ["", "Kim"]}
            entries.append(
                LedgerEntry(work_order=each, version=version, event=event, at=at, changes=changes)
            )
        causes = any_of.choices(["", *Cause.values], k=way.count(Status.ON_HOLD))
        day = {"first": began.date(), "last": began.date(), "reason": "-"}
        holds += [Hold(work_order=each, cause=cause, **day) for cause in causes]
    LedgerEntry.objects.bulk_create(entries, batch_size=2000)
    Hold.objects.bulk_create(holds, batch_size=2000)


def check(
    browser, status_spells, own: dict[str, str], filters: dict[str, str], by: str = "territory"
) -> list[dict[str, Any]]:
    """A page and its lists against plain SQL; `own` is what this person sees at most."""
    asked = "&".join(
        [WHOLE_YEARS, f"by={by}", *(f"{name}={value}" for name, value in filters.items())]
    )
    rows = by_hand(NOON, "2024-01-01", "2027-01-01", **own | filters)
    rows = [row for row in rows if month_of(row) <= "2026-03"]  # no later month can be chosen yet
    page = browser.get(f"{URL}?{asked}").context
    if not rows:
        assert page["months"] == []
        return rows
    assert shown(page["total"].score) == figures_of(rows)
    groups = {f"{line.score.key:%Y-%m}": shown(line.score) for line in page["months"]}
    assert groups == {
        month: figures_of([r for r in rows if month_of(r) == month])
        for month in set(map(month_of, rows))
    }
    parts = {line.score.key: shown(line.score) for line in page["breakdown"]}
    assert parts == {
        key: figures_of([r for r in rows if r[by] == key]) for key in {r[by] for r in rows}
    }
    ranked = {reason.name: (reason.missed, reason.excused) for reason in page["reasons"]}
    of_reasons = Counter(row["reason"] for row in rows if row["missed"])
    excused = Counter(row["reason"] for row in rows if row["missed"] and row["kind"] == "excused")
    labels = dict(DelayReason.choices) | {"none": "No reason given"}
    assert ranked == {
        labels[reason]: (count, excused[reason]) for reason, count in of_reasons.items()
    }
    assert days_shown(page) == days_by_hand(rows, status_spells)
    followed = (
        page["total"].urls
        if not filters
        else {name: page["total"].urls[name] for name in ("missed", "fair")}
    )
    counts = {name: browser.get(url).context["count"] for name, url in followed.items()}
    assert counts == {name: length for name, length in lengths(rows).items() if name in followed}
    return rows


@pytest.mark.slow
@time_machine.travel(NOON, tick=False)
def test_every_figure_is_what_plain_sql_counts_and_as_long_as_its_list(
    client_of, request, full_size, size, dana, staff
):
    request.getfixturevalue("many")
    dana, staff, status_spells = client_of(dana), client_of(staff), spells(NOON)
    everything = check(staff, status_spells, {}, {}, by="partner")
    assert len(everything) > size / 8
    assert (
        min(Counter((row["missed"], row["kind"] == "excused") for row in everything).values()) > 5
    )
    mine = check(dana, status_spells, {"partner": "VoltFix"}, {})
    assert 0 < len(mine) < len(everything)
    for name in ("territory", "entitlement", "work_type", "partner"):
        for value in sorted({row[name] for row in everything})[: None if full_size else 1]:
            check(
                staff,
                status_spells,
                {},
                {name: value},
                by="entitlement" if name == "territory" else "territory",
            )
            if name != "partner":
                check(dana, status_spells, {"partner": "VoltFix"}, {name: value}, by="work_type")
    values = [
        sorted({row[name] for row in everything})[:2]
        for name in ("territory", "entitlement", "work_type")
    ]
    for territory, entitlement, work_type in islice(product(*values), 3 if full_size else 1):
        check(
            dana,
            status_spells,
            {"partner": "VoltFix"},
            {"territory": territory, "entitlement": entitlement, "work_type": work_type},
        )

    page = dana.get(URL, {"first": "2025-12", "last": "2026-02", "territory": "CA-ON"}).context
    for line in [page["months"][-1], page["breakdown"][0]]:
        score = line.score
        known = {
            "counted": score.counted,
            "in_time": score.in_time,
            "missed": score.missed,
            "excused": score.excused,
            "nobody": score.nobody,
        }
        known |= {
            "share": score.counted,
            "fair": score.counted_without_excused,
            "median": score.days_late.total(),
        }
        assert {name: len(numbers_in(dana, url)) for name, url in line.urls.items()} == known
    for reason in page["reasons"]:
        assert len(numbers_in(dana, reason.url)) == reason.missed
        assert dana.get(reason.excused_url).context["count"] == reason.excused

    for line in (page["spent"][5], *page["waited"]):
        listed = csv_of(dana, line.url.partition("?")[2])
        assert sum(float(row["Days"]) for row in listed) == pytest.approx(
            line.total, abs=0.05 * len(listed)
        )
        assert [row["Work Order Number"] for row in listed] == numbers_in(dana, line.url)

    numbers = [row["Work Order Number"] for row in csv_of(dana, WHOLE_YEARS)]
    assert numbers == numbers_in(dana, f"{LIST}?{WHOLE_YEARS}")
    assert sorted(numbers) == sorted(row["number"] for row in mine)
    for figure in ("counted", "missed", "median"):
        query = f"{WHOLE_YEARS}&figure={figure}"
        assert csv_of(dana, query) == csv_of(staff, f"{query}&partner=VoltFix")
