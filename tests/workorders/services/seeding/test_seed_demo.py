"""The demo data: complete, the same each time, and exactly what the services would have
computed.
"""

import datetime as dt
import json
from collections.abc import Callable
from io import StringIO

import pytest
import time_machine
from django.core.management import CommandError, call_command
from django.db import transaction
from django.db.models import Count, F, Max

from portal.people.models import Partner, User
from portal.people.roles import Role
from workorders.models import Comment, LedgerEntry, Shipment, WorkOrder
from workorders.models.ledger import Event
from workorders.models.needs import NEEDS
from workorders.models.queries import late, target_within
from workorders.models.waiting import waits_for
from workorders.models.waits import of_need
from workorders.services import enter_work_order
from workorders.services.transitions import FOLLOWS_SHIPMENTS, status_by_shipments
from workorders.services.unit_of_work import UnitOfWork
from workorders.services.visits.booking import needs_reason
from workorders.states import OPEN, Direction, Status
from workorders.targets.judging import is_overdue, judged_on_completion, judgement_of

pytestmark = [pytest.mark.once, pytest.mark.django_db]

WEDNESDAY = dt.date(2026, 3, 11)
NOON = dt.datetime(2026, 3, 11, 20, tzinfo=dt.UTC)  # the same date at every demo site


def seed(*arguments: str, today: dt.date = WEDNESDAY) -> str:
    out = StringIO()
    call_command("seed_demo", *arguments, "--today", today.isoformat(), stdout=out)
    return out.getvalue()


def snapshot() -> list[tuple[object, ...]]:
    """Everything that the stories wrote, without the database's own keys."""
    work_orders = WorkOrder.objects.order_by("number").values_list(
        "number",
        "status",
        "target_on",
        "version",
        "subject",
        "station__serial",
        "appointment__at",
        "search_text",
    )
    shipments = Shipment.objects.order_by("number").values_list(
        "number", "status", "estimated_delivery_on"
    )
    ledger = LedgerEntry.objects.order_by("work_order__number", "pk").values_list(
        "event", "at", "version", "note"
    )
    return [*work_orders, *shipments, *ledger]


@pytest.mark.parametrize(
    "today",
    [
        WEDNESDAY,
        dt.date(2027, 1, 1),
        pytest.param(dt.date(2026, 11, 22), marks=pytest.mark.nightly),
        pytest.param(dt.date(2026, 7, 4), marks=pytest.mark.nightly),
    ],
)
def test_every_value_is_what_the_services_compute(today):
    seed("--work-orders", "230", today=today)
    check_against_services()


def check_against_services() -> None:
    for work_order in WorkOrder.objects.with_facts().prefetch_related("shipments", "holds"):
        work = UnitOfWork(work_order, by=None)
        before = work_order.search_text
        work.refresh_search_text()
        assert work_order.search_text == before
        if work_order.status in FOLLOWS_SHIPMENTS:
            status = Status(work_order.status)
            assert status_by_shipments(status, work.shipments, parts_required=True) == status
        if work_order.status in OPEN and work_order.outcome_days_late is None:
            values = work.computed_target_fields()._asdict()
            assert {field: getattr(work_order, field) for field in values} == values | {
                "waits_for": values["waits_for"] or ""
            }
        if work_order.status in (Status.COMPLETED, Status.CLOSED):
            completed_on = work_order.completed_at.astimezone(work_order.site.zone).date()
            judgement = judged_on_completion(work_order, completed_on)
            outcome = work_order.outcome_target_on, work_order.outcome_on
            assert outcome == (judgement.judged_by, judgement.on)


def test_ledger_begins_with_created_and_ends_with_the_version():
    seed()
    for work_order in WorkOrder.objects.all():
        entries = list(work_order.ledger.all())
        assert entries[0].event == Event.CREATED
        assert [e.at for e in entries] == sorted(e.at for e in entries)
        assert entries[-1].version == work_order.version
        assert entries[-1].at < NOON
        if work_order.accepted_on:
            assert [e.event for e in entries].count(Event.ACCEPTED) == 1
        if work_order.appointment_id:
            booked = [e.appointment_id for e in entries if e.event == Event.APPOINTMENT_BOOKED]
            assert booked[-1] == work_order.appointment_id
            assert [
                e.changes["appointment"][1] for e in entries if e.event == Event.APPOINTMENT_BOOKED
            ] == booked


def test_ledger_tells_of_shipments_by_their_own_numbers():
    seed("--work-orders", "90")
    for entry in LedgerEntry.objects.exclude(shipment=None).select_related("shipment"):
        assert "@" not in entry.note + json.dumps(entry.changes)
        assert entry.changes.get("tracking_number", ["", entry.shipment.tracking_number])[1] == (
            entry.shipment.tracking_number
        )
    moved = LedgerEntry.objects.filter(
        event=Event.TARGET_MOVED, note__startswith="Shipment added: "
    )
    assert moved.count() > 10
    for entry in moved:
        numbers = set(entry.work_order.shipments.values_list("number", flat=True))
        assert entry.note.removeprefix("Shipment added: ") in numbers


def test_completed_work_names_its_own_shipments():
    seed("--work-orders", "70")
    sources = [
        str(basis) for basis in WorkOrder.objects.values_list("target_basis", flat=True) if basis
    ]
    assert len(sources) > 10
    assert [source for source in sources if "@" in source] == []


@pytest.mark.every_database
def test_beyond_the_stories_told_they_repeat_at_other_sites(monkeypatch):
    """What a million work orders are made of, with a pool small enough for a test."""
    monkeypatch.setattr("workorders.services.seeding.world.STORIES", 100)
    monkeypatch.setattr("workorders.services.seeding.BATCH", 50)
    seed("--work-orders", "200")
    by_number = {row.number: row for row in WorkOrder.objects.with_facts()}
    first, copy = by_number["WO-00200073"], by_number["WO-00200101"]
    assert (first.status, first.target_on) == (copy.status, copy.target_on)
    assert first.site.city == copy.site.city
    assert first.site != copy.site
    check_against_services()
    assert not [
        row for row in by_number.values() if row.ship_to and row.ship_to != row.partner.ship_to
    ]


SEEN: dict[str, Callable[[WorkOrder], bool]] = {
    "waits for its EDD": lambda w: w.waits_for == "delivery",
    "waits for acceptance": lambda w: w.waits_for == "acceptance",
    "no parts": lambda w: not w.parts_required,
    "parts overdue": lambda w: w.status in OPEN and is_overdue(w, WEDNESDAY),
    "target today": lambda w: w.status in OPEN and w.target_on == WEDNESDAY,
    "target tomorrow": lambda w: (
        w.status in OPEN and w.target_on == WEDNESDAY + dt.timedelta(days=1)
    ),
    "target last week": lambda w: (
        w.status in OPEN and bool(w.target_on) and w.target_on < dt.date(2026, 3, 9)
    ),
    "hold stops the clock": lambda w: w.status == Status.ON_HOLD and w.waits_for == "hold",
    "hold lets it run": lambda w: w.status == Status.ON_HOLD and w.target_on is not None,
    "completed met": lambda w: w.status == Status.COMPLETED and w.outcome_days_late == 0,
    "completed missed": lambda w: w.status == Status.COMPLETED and bool(w.outcome_days_late),
    "late with reason": lambda w: bool(
        w.appointment and w.appointment.missed_sla_id and w.status in OPEN
    ),
    "booked in time": lambda w: bool(
        w.appointment and w.target_on and w.appointment.on <= w.target_on
    ),
    "needs a reason": needs_reason,
    "judged by the later target": lambda w: bool(
        w.appointment
        and w.target_on
        and w.appointment.on > w.target_on
        and judgement_of(w).is_protected
    ),
    "to be confirmed": lambda w: any(s.reported_by_partner for s in w.shipments.all()),
    "RMA with return": lambda w: any(
        s.kind == "RMA" and s.direction == Direction.RETURN for s in w.shipments.all()
    ),
    "asks for a photo": lambda w: (
        w.status in OPEN and any(item.photo_required for item in w.line_items.all())
    ),
    "asks for a serial": lambda w: (
        w.status in OPEN and any(item.serial_required for item in w.line_items.all())
    ),
    "serial entered": lambda w: any(item.serial for item in w.line_items.all()),
    "thread": lambda w: len({c.author_id for c in w.comments.all()}) == 2,
    "urgent": lambda w: any(c.urgent for c in w.comments.all()),
}


@pytest.mark.parametrize("partner", ["VoltFix", "Amped Field Services"])
def test_everything_can_be_seen_with_both_partners(partner):
    seed()
    rows = (
        WorkOrder.objects.with_facts()
        .prefetch_related("shipments", "comments", "line_items")
        .filter(partner__name=partner)
    )
    found = list(rows)
    assert {name for name, shows in SEEN.items() if any(map(shows, found))} == set(SEEN)
    assert {row.status for row in found} == set(Status.values)
    cities = {row.site.city for row in found}
    assert {
        "Honolulu",
        "Phoenix",
        "San Francisco",
        "Boston",
        "Toronto",
        "London",
        "München",
    } <= cities


def test_everything_that_can_wait_does_wait_for_either_dispatcher():
    """And a technician with an account is booked for something."""
    seed("--accounts")
    for email in ("dana@voltfix.example", "omar@amped.example"):
        reader = User.objects.get(email=email)
        numbers = waits_for(reader, NOON).numbers(map(of_need, NEEDS))
        assert [name for name, number in numbers.items() if not number] == []
    assert WorkOrder.objects.visible_to(User.objects.get(email="tess@voltfix.example")).exists()


def test_late_work_and_work_due_today_are_in_the_list():
    seed()
    with time_machine.travel(NOON, tick=False):
        due_today = target_within(NOON, lambda today: (today, today))
        assert WorkOrder.objects.filter(late(NOON)).count() >= 6
        assert WorkOrder.objects.filter(due_today).count() >= 4


@pytest.mark.every_database
def test_the_same_seed_and_day_make_the_same_data():
    taken = []
    for _ in range(2):
        with transaction.atomic():
            seed()
            taken.append(snapshot())
            transaction.set_rollback(True)
    assert taken[0] == taken[1]
    seed("--seed", "2")
    assert snapshot() != taken[0]


def test_where_the_data_exists_nothing_is_changed():
    assert seed().splitlines()[0] == "72 work orders added for 2 partners."
    before = snapshot()
    assert (
        seed(today=WEDNESDAY + dt.timedelta(days=1)).splitlines()[0]
        == "0 work orders added for 2 partners."
    )
    assert snapshot() == before
    assert seed("--work-orders", "80").splitlines()[0] == "8 work orders added for 2 partners."
    assert set(before) <= set(snapshot())


def test_accounts_are_made_only_when_asked_for(client):
    seed()
    assert not User.objects.filter(is_active=True).exists()
    assert [user for user in User.objects.all() if user.has_usable_password()] == []
    seed("--accounts")
    active = User.objects.filter(is_active=True).order_by("email")
    assert [(user.email, user.role, user.is_superuser) for user in active] == [
        ("admin@chargepoint.example", Role.STAFF, True),
        ("dana@voltfix.example", Role.DISPATCHER, False),
        ("omar@amped.example", Role.DISPATCHER, False),
        ("staff@chargepoint.example", Role.STAFF, False),
        ("tess@voltfix.example", Role.TECHNICIAN, False),
    ]
    assert [user for user in active if not user.check_password("demo-Portal-2026")] == []
    assert active.get(email="staff@chargepoint.example").has_perm("workorders.view_ledgerentry")


def test_more_partners_share_the_work_orders():
    seed("--partners", "5", "--work-orders", "50")
    assert Partner.objects.count() == 5
    counts = [partner.work_orders.count() for partner in Partner.objects.all()]
    assert counts == [10, 10, 10, 10, 10]
    partners_own = Comment.objects.exclude(author__partner=None)
    assert partners_own.exclude(author__partner=F("work_order__partner")).count() == 0


def test_after_its_first_round_work_is_shared_as_in_life():
    seed("--partners", "3", "--work-orders", "308")
    counts = Partner.objects.order_by("pk").values_list("name").annotate(n=Count("work_orders"))
    assert dict(counts) == {
        "VoltFix": 115,
        "Amped Field Services": 101,
        "Field Service Partner 0003": 92,
    }
    later = WorkOrder.objects.filter(number__gt="WO-00200108")
    assert later.filter(status__in=OPEN).count() / 200 == pytest.approx(0.12, abs=0.05)


@pytest.mark.every_database
def test_keys_go_on_after_the_seeded_ones():
    """PostgreSQL hands out keys from sequences, which know nothing of keys that were given."""
    seed("--work-orders", "3")
    first = WorkOrder.objects.with_facts().first()
    values = {
        name: getattr(first, name)
        for name in ("subject", "work_type", "partner", "site", "station")
    }
    values |= {
        "territory": first.territory,
        "entitlement": first.entitlement,
        "assigned_on": WEDNESDAY,
    }
    highest = WorkOrder.objects.aggregate(highest=Max("pk"))["highest"]
    assert enter_work_order("WO-77", values, by=None).pk > highest


def test_a_day_without_a_calendar_is_refused():
    seed("--work-orders", "1")
    with pytest.raises(CommandError, match="No demo data around that day"):
        seed(today=dt.date(2050, 1, 3))


@pytest.mark.parametrize(
    "bad", [["--work-orders", "0"], ["--work-orders", "x"], ["--partners", "-1"], ["--seed", "-1"]]
)
def test_wrong_arguments_are_refused(bad):
    with pytest.raises(CommandError):
        seed(*bad)


@pytest.mark.parametrize("day", ["2026-3-2", "20260302", "2026-02-30", "2026-03-02\n", "today"])
def test_only_a_whole_iso_date_is_a_day(day):
    with pytest.raises(CommandError, match="is not a date: write YYYY-MM-DD"):
        call_command("seed_demo", "--today", day)


def test_a_seed_may_be_0():
    assert (
        seed("--seed", "0", "--work-orders", "1").splitlines()[0]
        == "1 work orders added for 2 partners."
    )
