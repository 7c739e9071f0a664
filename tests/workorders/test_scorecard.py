"""The scorecard: every figure is what plain SQL counts, and the length of the list it opens; nobody sees another's."""

import csv
import datetime as dt
import statistics
from collections import Counter
from itertools import islice, pairwise, product
from random import Random
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.urls import reverse

from tests.factories import fresh, make_accepted, make_entitlement, make_site, make_territory, make_work_order
from workorders.models import Appointment, Hold, LedgerEntry, MissedSLAReason, Verdict, WorkOrder
from workorders.services import Booking, book_appointment, cancel, give_up, judge
from workorders.states import ENDED, Cause, DelayReason, GiveUpReason, Status, VerdictKind

URL, LIST, CSV = reverse("scorecard"), reverse("scorecard-work-orders"), reverse("scorecard-csv")
NOON = dt.datetime(2026, 3, 11, 20, tzinfo=dt.UTC)
MANY = 20_000
WHOLE_YEARS = "first=2024-01&last=2026-12"

# What counts, written once more: by hand, and by no name of `scoring`
CARD = """
WITH today(zone, day) AS (VALUES {today}),
said AS (
  SELECT r.work_order_id, r.reason,
    (SELECT kind FROM workorders_verdict WHERE id = (SELECT MAX(id) FROM workorders_verdict WHERE missed_sla_id = r.id))
    AS kind
  FROM workorders_missedslareason r
  WHERE r.id = (SELECT MAX(id) FROM workorders_missedslareason WHERE work_order_id = r.work_order_id)
),
card AS (
  SELECT w.number, t.name AS territory, e.name AS entitlement, w.work_type, p.name AS partner,
    COALESCE(w.outcome_target_on, w.target_on) AS day,
    CASE WHEN w.outcome_target_on IS NULL OR w.outcome_on > w.outcome_target_on THEN 1 ELSE 0 END AS missed,
    CASE WHEN w.outcome_on > w.outcome_target_on THEN w.outcome_days_late END AS days,
    COALESCE(said.reason, 'none') AS reason, COALESCE(said.kind, '') AS kind
  FROM workorders_workorder w
  JOIN workorders_site s ON s.id = w.site_id
  JOIN today ON today.zone = s.time_zone
  JOIN workorders_serviceterritory t ON t.id = w.territory_id
  JOIN workorders_entitlement e ON e.id = w.entitlement_id
  JOIN people_partner p ON p.id = w.partner_id
  LEFT JOIN workorders_appointment a ON a.id = w.appointment_id
  LEFT JOIN said ON said.work_order_id = w.id
  WHERE w.outcome_target_on IS NOT NULL AND w.status <> 'canceled'
    OR w.outcome_days_late IS NULL AND w.status NOT IN ('completed', 'closed', 'could-not-complete', 'canceled')
    AND w.target_on < today.day AND (
      w.visited_on > w.target_on AND w.visit_judged_by IS NULL
      OR w.visited_on IS NULL AND a."on" > w.target_on AND NOT a.is_return
      AND (a.judged_by IS NULL OR a."on" > a.judged_by)
      OR w.visited_on IS NULL AND a.id IS NULL AND (w.parts_due_on IS NULL OR w.parts_due_on >= today.day)
    )
)
SELECT number, territory, entitlement, work_type, partner, day, missed, days, reason, kind FROM card
WHERE day >= %s AND day < %s {filters}
"""


# Each status with what comes next, and what was waited for
SPELLS = """
WITH told AS (
  SELECT l.work_order_id, l.id, l.at, CASE WHEN l.event = 'created' THEN 'assigned' ELSE {status} END AS status
  FROM workorders_ledgerentry l
  WHERE l.shipment_id IS NULL AND l.file_id IS NULL AND (l.event = 'created' OR {status} IS NOT NULL)
),
spell AS (
  SELECT work_order_id, status, {seconds} AS began,
    LEAD({seconds}, 1, {now}) OVER (PARTITION BY work_order_id ORDER BY id) AS ended
  FROM told
)
SELECT w.number, s.status, s.ended - s.began,
  (SELECT h.cause FROM workorders_hold h WHERE h.work_order_id = w.id ORDER BY h.id DESC LIMIT 1)
FROM spell s JOIN workorders_workorder w ON w.id = s.work_order_id
WHERE s.status IN ('assigned', 'ship-to-received', 'parts-ordered', 'shipping', 'shipped', 'in-progress', 'on-hold',
  'completed')
"""
PARTS = ("ship-to-received", "parts-ordered", "shipping", "shipped")
WAITS_FOR = {
    "unresponsive-poc": "poc",
    "poc-preference": "poc",
    "work-order-management": "operator",
    "weather": "weather",
    "technician": "partner",
    "on-site-requirement": "access",
    "regulatory": "access",
    "part-late": "parts",
    "parts-damaged": "parts",
}


def spells(now) -> list[tuple[str, str, int, str | None]]:
    """Number, status, seconds in it and cause of the last hold, as plain SQL finds them."""
    words = {
        "sqlite": ("json_extract(l.changes, '$.status[1]')", "unixepoch(at)"),
        "postgresql": ("l.changes #>> '{status,1}'", "EXTRACT(EPOCH FROM at)::bigint"),
    }
    status, seconds = words[connection.vendor]
    with connection.cursor() as cursor:
        cursor.execute(SPELLS.format(status=status, seconds=seconds, now=int(now.timestamp())))
        return list(cursor.fetchall())


def days_by_hand(rows, told) -> dict[str, dict[str, float]]:
    """Days by status and by cause, of the work orders of a card."""
    missed_for = {row["number"]: row["reason"] if row["missed"] else "" for row in rows}
    found: dict[str, Counter[str]] = {"spent": Counter(), "waited": Counter()}
    for number, status, seconds, held_for in told:
        if number in missed_for:
            fixed = {"assigned": "partner", "on-hold": held_for or "unsaid"} | dict.fromkeys(PARTS, "parts")
            fixed["in-progress"] = WAITS_FOR.get(missed_for[number], "")
            found["spent"][status] += seconds
            found["waited"][fixed.get(status, "")] += seconds
    del found["waited"][""]
    return {name: {key: n / 86400 for key, n in sums.items() if n} for name, sums in found.items()}


def days_shown(page) -> dict[str, dict[str, float]]:
    lines = {name: {line.url.rpartition("=")[2]: line.total for line in page[name]} for name in ("spent", "waited")}
    return {name: {key: days for key, days in each.items() if days} for name, each in lines.items()}


def by_hand(now, first, last, **filters) -> list[dict[str, Any]]:
    """The work orders of a card as plain SQL finds them; `last` is the first day that is out."""
    word = "DATE " if connection.vendor == "postgresql" else ""
    zones = {site.time_zone: site.site_day for site in _sites(now)}
    today = ", ".join(f"('{zone}', {word}'{day}')" for zone, day in zones.items())
    also = "".join(f" AND {name} = %s" for name in filters)
    with connection.cursor() as cursor:
        cursor.execute(CARD.format(today=today, filters=also), [first, last, *filters.values()])
        names = [column[0] for column in cursor.description]
        return [dict(zip(names, row, strict=True)) for row in cursor]


def _sites(now):
    for site in WorkOrder.site.field.related_model.objects.all():
        site.site_day = now.astimezone(site.zone).date()
        yield site


def figures_of(rows) -> dict[str, Any]:
    """The figures of a card, from its work orders one by one."""
    missed = [row for row in rows if row["missed"]]
    excused = [row for row in missed if row["kind"] == "excused"]
    days = [row["days"] for row in rows if row["days"] is not None]
    counted, judged = len(rows), len(rows) - len(excused)
    in_time = counted - len(missed)
    return {
        "counted": counted,
        "in_time": in_time,
        "missed": len(missed),
        "excused": len(excused),
        "share": in_time / counted if counted >= 20 else None,
        "fair": in_time / judged if judged >= 20 else None,
        "median": statistics.median(days) if days else None,
    }


def shown(score) -> dict[str, Any]:
    return {name: getattr(score, name) for name in figures_of([])}


def lengths(rows) -> dict[str, int]:
    """How long the list behind each figure is."""
    figures = figures_of(rows)
    known = {name: figures[name] for name in ("counted", "in_time", "missed", "excused")}
    late = sum(row["days"] is not None for row in rows)
    return known | {"share": known["counted"], "fair": known["counted"] - known["excused"], "median": late}


def month_of(row) -> str:
    return str(row["day"])[:7]


def numbers_in(browser, url) -> list[str]:
    """All that its pages list, one after the other."""
    page = browser.get(url)
    found = [row.work_order.number for row in page.context["rows"]]
    assert page.context["count"] >= len(found)
    after = page.context["next_page"]
    return found + (numbers_in(browser, after) if after else [])


def csv_of(browser, query) -> list[dict[str, str]]:
    text = b"".join(browser.get(f"{CSV}?{query}").streaming_content).decode("utf-8-sig")
    return list(csv.DictReader(text.splitlines()))


@pytest.fixture
def many(voltfix, amped, dana, staff) -> None:
    """Work orders in every status, with and without target, outcome, visit, booking, reasons and verdicts."""
    any_of, places = Random(5), [make_site(), make_site("Shibuya", "Midori", time_zone="Asia/Tokyo")]
    stations = [make_work_order(site=site).station for site in places]
    territories = [make_territory(), make_territory("US-CA", "US", "CA"), make_territory("CA-ON", "CA", "ON")]
    levels, partners = [make_entitlement(), make_entitlement("Parts Warranty", 5)], [voltfix, amped]
    first, work_types = dt.date(2025, 12, 1), ["repair", "installation", "commissioning"]

    def day(*missing: None) -> Any:
        return any_of.choice([*missing, first + dt.timedelta(days=any_of.randrange(115))])

    def row(n: int) -> WorkOrder:
        status, place, on, visited_on = any_of.choice(list(Status)), any_of.randrange(2), day(None, None), day(None)
        outcome_target = day(None, None) if status in (*ENDED, Status.IN_PROGRESS) else None
        days = {"outcome_target_on": outcome_target, "outcome_days_late": any_of.choice([0, None])}
        if outcome_target:
            gap = any_of.randrange(-4, 7)
            days |= {"outcome_on": outcome_target + dt.timedelta(days=gap), "outcome_days_late": max(0, gap - 1)}
        unaccepted = status in (Status.ASSIGNED, Status.COULD_NOT_COMPLETE) and any_of.random() < 0.5
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
            visit_judged_by=visited_on and any_of.choice([None, visited_on]),
            partner=any_of.choice(partners),
            territory=any_of.choice(territories),
            **{"entitlement": any_of.choice(levels), "work_type": any_of.choice(work_types)} | days,
        )

    rows = WorkOrder.objects.bulk_create(map(row, range(MANY)))
    booked = [each for each in rows if each.target_on and any_of.random() < 0.6]
    about = {"technician_name": "Robin", "contact_phone": "1", "booked_by": dana, "at": NOON}
    for each in booked:
        known = {"judged_by": any_of.choice([None, each.target_on]), "is_return": False, "on": each.target_on}
        if not known["judged_by"]:
            known |= {"on": day(), "is_return": any_of.random() < 0.2}
        each.appointment = Appointment(work_order=each, **about | known)
    Appointment.objects.bulk_create(each.appointment for each in booked)
    WorkOrder.objects.bulk_update(booked, ["appointment"], batch_size=500)
    tell_history(rows, any_of)
    dates = {"target_on": first, "appointment_at": NOON, "appointment_on": NOON.date(), "business_days_late": 1}
    given = [
        MissedSLAReason(work_order=each, reason=any_of.choice(DelayReason.values), given_by=dana, **dates)
        for each in any_of.choices(rows, k=MANY)
    ]
    reasons = MissedSLAReason.objects.bulk_create(given)
    kinds = [any_of.choice(VerdictKind.values) for _ in reasons]
    judged = zip(any_of.choices(reasons, k=MANY), kinds, strict=True)
    Verdict.objects.bulk_create(Verdict(missed_sla=each, kind=kind, note="-", by=staff) for each, kind in judged)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")  # as a server does by itself


def tell_history(rows, any_of) -> None:
    """A ledger that leads to each one's status by any way, and holds for any cause."""
    began = dt.datetime(2025, 12, 1, 8, tzinfo=dt.UTC)
    entries, holds = [], []
    for each in rows:
        at = began + dt.timedelta(seconds=any_of.randrange(9 * 86400))
        entries.append(LedgerEntry(work_order=each, version=1, event="created", at=at))
        way = [Status.ASSIGNED, *any_of.choices(list(Status), k=any_of.randrange(5)), each.status]
        for version, (old, new) in enumerate(pairwise(way), start=2):
            at += dt.timedelta(seconds=any_of.randrange(9 * 86400))
            event = "held" if new == Status.ON_HOLD else "resumed" if old == Status.ON_HOLD else "closed"
            changes = {"status": [old, new]} if old != new else {"poc_name": ["", "Kim"]}
            entries.append(LedgerEntry(work_order=each, version=version, event=event, at=at, changes=changes))
        causes = any_of.choices(["", *Cause.values], k=way.count(Status.ON_HOLD))
        day = {"first": began.date(), "last": began.date(), "reason": "-"}
        holds += [Hold(work_order=each, cause=cause, **day) for cause in causes]
    LedgerEntry.objects.bulk_create(entries, batch_size=2000)
    Hold.objects.bulk_create(holds, batch_size=2000)


def check(browser, told, own: dict[str, str], filters: dict[str, str], by: str = "territory") -> list[dict[str, Any]]:
    """A page and its lists against plain SQL; `own` is what this person sees at most."""
    asked = "&".join([WHOLE_YEARS, f"by={by}", *(f"{name}={value}" for name, value in filters.items())])
    rows = by_hand(NOON, "2024-01-01", "2027-01-01", **own | filters)
    rows = [row for row in rows if month_of(row) <= "2026-03"]  # no later month can be chosen yet
    page = browser.get(f"{URL}?{asked}").context
    if not rows:
        assert page["months"] == []
        return rows
    assert shown(page["whole"].score) == figures_of(rows)
    groups = {f"{line.score.key:%Y-%m}": shown(line.score) for line in page["months"]}
    assert groups == {
        month: figures_of([r for r in rows if month_of(r) == month]) for month in set(map(month_of, rows))
    }
    parts = {line.score.key: shown(line.score) for line in page["parts"]}
    assert parts == {key: figures_of([r for r in rows if r[by] == key]) for key in {r[by] for r in rows}}
    ranked = {reason.name: (reason.missed, reason.excused) for reason in page["reasons"]}
    of_reasons = Counter(row["reason"] for row in rows if row["missed"])
    excused = Counter(row["reason"] for row in rows if row["missed"] and row["kind"] == "excused")
    labels = dict(DelayReason.choices) | {"none": "No reason given"}
    assert ranked == {labels[reason]: (count, excused[reason]) for reason, count in of_reasons.items()}
    assert days_shown(page) == days_by_hand(rows, told)
    followed = page["whole"].urls if not filters else {name: page["whole"].urls[name] for name in ("missed", "fair")}
    counts = {name: browser.get(url).context["count"] for name, url in followed.items()}
    assert counts == {name: length for name, length in lengths(rows).items() if name in followed}
    return rows


@time_machine.travel(NOON, tick=False)
def test_every_figure_is_what_plain_sql_counts_and_as_long_as_its_list(client_of, request, dana, staff):
    request.getfixturevalue("many")
    dana, staff, told = client_of(dana), client_of(staff), spells(NOON)
    everything = check(staff, told, {}, {}, by="partner")
    assert len(everything) > MANY / 8
    assert min(Counter((row["missed"], row["kind"] == "excused") for row in everything).values()) > 20
    mine = check(dana, told, {"partner": "VoltFix"}, {})
    assert 0 < len(mine) < len(everything)
    for name in ("territory", "entitlement", "work_type", "partner"):
        for value in sorted({row[name] for row in everything}):
            check(staff, told, {}, {name: value}, by="entitlement" if name == "territory" else "territory")
            if name != "partner":
                check(dana, told, {"partner": "VoltFix"}, {name: value}, by="work_type")
    values = [sorted({row[name] for row in everything})[:2] for name in ("territory", "entitlement", "work_type")]
    for territory, entitlement, work_type in islice(product(*values), 3):
        check(
            dana,
            told,
            {"partner": "VoltFix"},
            {"territory": territory, "entitlement": entitlement, "work_type": work_type},
        )

    page = dana.get(URL, {"first": "2025-12", "last": "2026-02", "territory": "CA-ON"}).context
    for line in [page["months"][-1], page["parts"][0]]:
        score = line.score
        known = {"counted": score.counted, "in_time": score.in_time, "missed": score.missed, "excused": score.excused}
        known |= {"share": score.counted, "fair": score.judged, "median": score.days.total()}
        assert {name: len(numbers_in(dana, url)) for name, url in line.urls.items()} == known
    for reason in page["reasons"]:
        assert len(numbers_in(dana, reason.url)) == reason.missed
        assert dana.get(reason.excused_url).context["count"] == reason.excused

    for line in (page["spent"][5], *page["waited"]):
        listed = csv_of(dana, line.url.partition("?")[2])
        assert sum(float(row["Days"]) for row in listed) == pytest.approx(line.total, abs=0.05 * len(listed))
        assert [row["Work Order Number"] for row in listed] == numbers_in(dana, line.url)

    numbers = [row["Work Order Number"] for row in csv_of(dana, WHOLE_YEARS)]
    assert numbers == numbers_in(dana, f"{LIST}?{WHOLE_YEARS}")
    assert sorted(numbers) == sorted(row["number"] for row in mine)
    for figure in ("counted", "missed", "median"):
        query = f"{WHOLE_YEARS}&figure={figure}"
        assert csv_of(dana, query) == csv_of(staff, f"{query}&partner=VoltFix")


# --- One work order after the other: Monday, March 2nd 2026, 9:00 in San Francisco
def score_of(browser, query="") -> dict[str, Any]:
    page = browser.get(f"{URL}?{query}")
    score = page.context["whole"].score
    return {name: getattr(score, name) for name in ("in_time", "missed", "excused")}


def begun(by, target_on, *, outcome_on=None, days=None, status=Status.COMPLETED, **fields) -> WorkOrder:
    """Accepted work without parts with this target; with an outcome, completed."""
    row = make_accepted(by, parts_required=False, assigned_on=dt.date(2025, 12, 1), **fields)
    changes: dict[str, Any] = {"target_on": target_on}
    if outcome_on:
        late = (outcome_on > target_on) if days is None else days
        changes |= {"outcome_target_on": target_on, "outcome_on": outcome_on, "outcome_days_late": int(late)}
        changes |= {"status": status, "completed_at": dt.datetime(2026, 3, 1, tzinfo=dt.UTC)}
    WorkOrder.objects.filter(pk=row.pk).update(**changes)
    return fresh(row)


def test_a_work_order_counts_in_the_month_of_its_target_at_the_site(dana, client_of, clock):
    tokyo = make_site("Shibuya", "Midori", country="JP", time_zone="Asia/Tokyo")
    begun(dana, dt.date(2026, 1, 31), outcome_on=dt.date(2026, 2, 3))
    begun(dana, dt.date(2026, 2, 1), outcome_on=dt.date(2026, 1, 30))
    begun(dana, dt.date(2026, 2, 28), site=tokyo)  # open, without an appointment
    browser = client_of(dana)
    clock.move_to(dt.datetime(2026, 2, 28, 14, 59, tzinfo=dt.UTC))  # 23:59 in Tokyo
    assert score_of(browser, "first=2026-02&last=2026-02") == {"in_time": 1, "missed": 0, "excused": 0}
    clock.move_to(dt.datetime(2026, 2, 28, 15, tzinfo=dt.UTC))
    assert score_of(browser, "first=2026-02&last=2026-02") == {"in_time": 1, "missed": 1, "excused": 0}
    assert score_of(browser, "first=2026-01&last=2026-01") == {"in_time": 0, "missed": 1, "excused": 0}
    assert browser.get(URL).context["asked"].last == dt.date(2026, 3, 1)  # where it is March already


def test_what_counts_and_what_does_not(dana, staff, client_of, clock):
    on = dt.date(2026, 2, 26)
    declined = make_work_order(parts_required=False, assigned_on=dt.date(2026, 2, 2))
    give_up(declined, reason=GiveUpReason.NO_CAPACITY, note="Nobody is free", by=dana)
    give_up(begun(dana, on), reason=GiveUpReason.INACCESSIBLE, note="Locked", by=dana)
    cancel(begun(dana, on), comment="The fault cleared.", by=staff)
    booked = begun(dana, dt.date(2026, 3, 3))
    book_appointment(booked, Booking(dt.datetime(2026, 3, 3, 18, tzinfo=dt.UTC), "Robin", "+1 415 555 0111"), by=dana)
    begun(dana, dt.date(2026, 3, 2))  # its last day is today
    begun(dana, None)
    browser = client_of(dana)
    assert "Nothing to score" in browser.get(URL).content.decode()
    begun(dana, on)
    begun(dana, on, outcome_on=on, status=Status.IN_PROGRESS)  # sent back
    begun(dana, on, outcome_on=dt.date(2026, 3, 2), status=Status.CLOSED)
    make_work_order(parts_required=False, assigned_on=dt.date(2026, 2, 2))  # nobody has accepted it, or booked
    assert score_of(browser) == {"in_time": 1, "missed": 3, "excused": 0}


def test_an_excuse_is_the_last_verdict_on_the_last_reason(dana, staff, client_of, clock):
    row = begun(dana, dt.date(2026, 3, 3))

    def book(day, reason):
        at = dt.datetime(2026, 3, day, 18, tzinfo=dt.UTC)
        yes = {"reason": reason, "confirmed_target": dt.date(2026, 3, 3)}
        book_appointment(fresh(row), Booking(at, "Robin", "+1 415 555 0111", **yes), by=dana)
        return row.missed_sla_reasons.latest("pk")

    first = book(9, DelayReason.WEATHER)
    clock.move_to(dt.datetime(2026, 3, 5, 17, tzinfo=dt.UTC))
    browser = client_of(dana)
    judge(first, kind=VerdictKind.MORE, note="Which storm?", by=staff)
    assert score_of(browser)["excused"] == 0
    judge(first, kind=VerdictKind.EXCUSED, by=staff)
    assert score_of(browser) == {"in_time": 0, "missed": 1, "excused": 1}
    judge(book(10, DelayReason.TECHNICIAN), kind=VerdictKind.NOT_EXCUSED, note="Plan ahead", by=staff)
    assert score_of(browser) == {"in_time": 0, "missed": 1, "excused": 0}
    (ranked,) = browser.get(URL).context["reasons"]
    assert (ranked.name, ranked.missed, ranked.excused) == ("Technician Availability", 1, 0)
    text = browser.get(ranked.url).content.decode()
    assert "None of your technicians is free by the target date." in text
    assert "Not excused" in text


def test_under_twenty_work_orders_there_are_counts_and_no_shares(dana, client_of, clock):
    for day in (*range(1, 19), 19):
        begun(dana, dt.date(2026, 2, day), outcome_on=dt.date(2026, 2, 10))
    browser = client_of(dana)
    page = browser.get(URL)
    assert (page.context["whole"].score.share_text, page.context["picture"].bars[0].parts) == ("10 of 19", [])
    assert "%" not in page.content.decode().split("<main", 1)[1].replace("100%", "")
    begun(dana, dt.date(2026, 2, 20), outcome_on=dt.date(2026, 2, 10))
    whole = browser.get(URL).context["whole"].score
    assert (whole.share_text, whole.fair_text, whole.median_text) == ("55.0\N{NO-BREAK SPACE}%",) * 2 + ("1",)


def test_nobody_reads_what_is_not_his(dana, omar, tess, staff, client_of, clock):
    begun(dana, dt.date(2026, 2, 26), outcome_on=dt.date(2026, 2, 26), number="WO-1")
    begun(omar, dt.date(2026, 2, 26), number="WO-66", site=make_site("Hidden Garage", "Secret Account"))
    for address in (URL, LIST, CSV):
        assert client_of(tess).get(address).status_code == 403
    forged = {"partner": "Amped Field Services", "by": "partner", "figure": "counted"}
    for address in (URL, LIST):
        text = client_of(dana).get(address, forged).content.decode()
        for word in ("Amped", "WO-66", "Hidden Garage", "Secret Account"):
            assert word not in text
    assert score_of(client_of(dana), "partner=Amped+Field+Services") == {"in_time": 1, "missed": 0, "excused": 0}
    assert [row["Work Order Number"] for row in csv_of(client_of(dana), "partner=Amped+Field+Services")] == ["WO-1"]
    assert [row["Work Order Number"] for row in csv_of(client_of(staff), "partner=Amped+Field+Services")] == ["WO-66"]
    assert score_of(client_of(staff)) == {"in_time": 1, "missed": 1, "excused": 0}


@pytest.mark.parametrize("months", [1, 3])
def test_pages_ask_the_database_equally_often(staff, dana, client_of, clock, months, django_assert_num_queries):
    for month in range(1, months + 1):
        begun(dana, dt.date(2026, month, 1), outcome_on=dt.date(2026, 2, 10), site=make_site(f"Site {month}"))
    for browser in (client_of(staff), client_of(dana)):
        with django_assert_num_queries(6):  # session, user, names, months and territories, reasons, days
            assert len(browser.get(URL).context["months"]) == months
        with django_assert_num_queries(5):  # session, user, names, count, rows
            assert len(browser.get(LIST).context["rows"]) == months


def test_names_are_escaped_on_the_page_and_harmless_in_the_file(dana, client_of, clock):
    nasty = make_entitlement("<b>&'\"=1+1")
    begun(dana, dt.date(2026, 2, 1), outcome_on=dt.date(2026, 2, 1), entitlement=nasty, subject="=HYPERLINK(1)")
    browser = client_of(dana)
    page = browser.get(URL, {"by": "entitlement"})
    assert "<b>&'" not in page.content.decode()
    assert browser.get(page.context["parts"][0].urls["counted"]).context["count"] == 1
    assert browser.get(URL, {"entitlement": nasty.name}).context["whole"].score.counted == 1
    assert csv_of(browser, "")[0]["Subject"] == "'=HYPERLINK(1)"


@pytest.mark.parametrize(
    "query", ["first=2026-13", "last=x", "by=partner", "territory=Mars", "work_type=\0", "after=~"]
)
def test_a_value_that_does_not_exist_is_left_out(dana, client_of, clock, query):
    begun(dana, dt.date(2026, 2, 1), outcome_on=dt.date(2026, 2, 1))
    browser = client_of(dana)
    assert score_of(browser, query) == {"in_time": 1, "missed": 0, "excused": 0}
    assert browser.get(f"{LIST}?{query}&figure=nonsense").context["count"] == 1


def test_the_months_stand_in_any_order(dana, client_of, clock):
    begun(dana, dt.date(2026, 1, 31), outcome_on=dt.date(2026, 1, 1))
    assert score_of(client_of(dana), "first=2026-02&last=2026-01")["in_time"] == 1


def test_bar_and_admin_lead_to_the_scorecard(dana, tess, staff, client_of):
    link = f'href="{URL}"'
    assert link in client_of(dana).get("/work-orders/").content.decode()
    assert link not in client_of(tess).get("/work-orders/").content.decode()
    assert link in client_of(staff).get("/admin/").content.decode()
