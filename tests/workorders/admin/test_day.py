"""Staff's day: what waits for them, each count the length of its list."""

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
from django.urls import reverse

from portal.people.roles import Role
from tests.factories import fresh, make_accepted, make_rita, make_user, make_work_order, ship
from tests.workorders.admin.conftest import allow
from workorders.models import WorkOrder
from workorders.models.spans import any_at
from workorders.models.todos import TODOS
from workorders.services import (
    Booking,
    book_appointment,
    comment,
    could_not_complete,
    hold,
    parts_received,
    report_part,
    request_assistance,
    settle_reports,
)
from workorders.states import AssistanceReason, CouldNotCompleteReason, PartProblem

INDEX, LIST = reverse("admin:index"), reverse("admin:workorders_workorder_changelist")
WEDNESDAY, NEXT_MONDAY = dt.date(2026, 3, 4), dt.date(2026, 3, 9)
pytestmark = pytest.mark.usefixtures("clock")


@pytest.fixture
def client(rita, client_of) -> Any:
    return client_of(allow(rita, "view_workorder"))


def waiting(client: Any) -> dict[str, int]:
    """What the first page says waits, without what does not."""
    day = client.get(INDEX).context["day"]
    return {one.label: int(one.number.replace(",", "")) for one in day.waiting}


def listed(client: Any, name: str) -> list[WorkOrder]:
    return list(client.get(LIST, {"todo": name}).context["cl"].result_list)


def shipped(dana) -> WorkOrder:
    made = make_accepted(dana)
    ship(made, f"FSO-{made.pk}", carrier="", service="", estimated_delivery_on=WEDNESDAY)
    return fresh(made)


def to_order(dana, staff) -> WorkOrder:
    return make_accepted(dana)


def late_parts(dana, staff) -> WorkOrder:
    made = make_accepted(dana)
    due = dt.date(2026, 2, 27)
    ship(made, f"FSO-{made.pk}", carrier="", service="", estimated_delivery_on=due)
    return fresh(made)


def received(dana, staff) -> WorkOrder:
    made = shipped(dana)
    return parts_received(made, numbers=[f"FSO-{made.pk}"], on=dt.date(2026, 3, 2), by=dana)


def damaged(dana, staff) -> WorkOrder:
    made = shipped(dana)
    part = made.shipments.get().parts.create(part_number="CBL-23", quantity=1)
    report_part(made, part=part.pk, problem=PartProblem.DAMAGED, quantity=1, by=dana)
    return fresh(made)


def given_up(dana, staff) -> WorkOrder:
    return could_not_complete(
        make_accepted(dana, parts_required=False),
        reason=CouldNotCompleteReason.OBSTRUCTION,
        note="Fenced off",
        by=dana,
    )


def declined(dana, staff) -> WorkOrder:
    return could_not_complete(
        make_work_order(partner=dana.partner),
        reason=CouldNotCompleteReason.NO_CAPACITY,
        note="Nobody is free.",
        by=dana,
    )


def asking(dana, staff) -> WorkOrder:
    made = shipped(dana)
    request_assistance(made, body="Which gate?", reason=AssistanceReason.SITE_ACCESS, by=dana)
    return fresh(made)


def asking_for_a_hold(dana, staff) -> WorkOrder:
    made = shipped(dana)
    request_assistance(
        made, body="Closed", reason=AssistanceReason.HOLD, until=NEXT_MONDAY, by=dana
    )
    return fresh(made)


def said(dana, staff) -> WorkOrder:
    made = shipped(dana)
    comment(made, body="The gate is closed on Friday.", by=dana)
    return fresh(made)


def unbooked(dana, staff) -> WorkOrder:
    return make_accepted(dana, parts_required=False, assigned_on=dt.date(2026, 2, 25))


SCENARIOS: dict[str, Callable[..., WorkOrder]] = {
    "to-order": to_order,
    "overdue": late_parts,
    "received": received,
    "damaged": damaged,
    "declined": declined,
    "given-up": given_up,
    "assistance": asking,
    "hold": asking_for_a_hold,
    "messages": said,
    "unbooked": unbooked,
}


@pytest.mark.parametrize("name", SCENARIOS)
def test_work_that_waits_is_counted_and_listed(client, dana, staff, name):
    made = SCENARIOS[name](dana, staff)
    shipped(dana)  # waits for nothing of staff
    assert waiting(client) == {TODOS[name].label: 1}
    assert listed(client, name) == [made]


def test_hold_whose_day_has_come_is_to_be_resumed(dana, staff):
    made = hold(shipped(dana), reason="Closed", stops_clock=True, resume_on=NEXT_MONDAY, by=staff)
    for day, found in ((8, []), (9, [made])):
        noon = dt.datetime(2026, 3, day, 20, tzinfo=dt.UTC)
        assert list(WorkOrder.objects.filter(any_at(TODOS["resume"].rule.spans, noon))) == found


def test_answered_request_and_booked_visit_wait_no_more(client, dana, staff):
    made = asking(dana, staff)
    comment(made, body="The north one.", by=staff)
    late = unbooked(dana, staff)
    booking = Booking(dt.datetime(2026, 3, 3, 18, tzinfo=dt.UTC), "Tess", "+1 415 555 0188")
    book_appointment(
        late, booking._replace(reason="technician", confirmed_target=late.target_on), by=dana
    )
    assert waiting(client) == {}


def test_message_waits_until_this_person_has_read_it_or_staff_have_answered(
    client, dana, staff, client_of, clock
):
    read, answered, noted = (said(dana, staff) for _ in range(3))
    clock.shift(60)
    client.get(reverse("admin:workorders_workorder_change", args=[read.pk]))
    comment(answered, body="Thank you.", by=staff)
    comment(noted, body="Who knows of this?", internal=True, by=staff)
    assert listed(client, "messages") == [noted]
    colleague = client_of(make_user("stella@chargepoint.example", Role.STAFF, is_superuser=True))
    assert set(listed(colleague, "messages")) == {noted, read}
    comment(fresh(read), body="And on Monday.", by=dana)
    assert set(listed(client, "messages")) == {noted, read}


def test_settled_report_of_parts_waits_no_more(client, dana, staff):
    made = damaged(dana, staff)
    settle_reports(
        made, reports=[report.pk for report in made.part_reports.all()], note="It works.", by=staff
    )
    assert waiting(client) == {}


def test_what_has_waited_longest_comes_first_with_its_age(dana, staff, clock, client_of):
    for make, days in ((declined, 4), (damaged, 2), (said, 1)):
        make(dana, staff)
        clock.shift(dt.timedelta(days=days))
    day = client_of(staff).get(INDEX).context["day"]
    made = {"Declined", "Damaged or missing", "Unread messages"}
    ages = [(line.label, line.age, line.state) for line in day.waiting if line.label in made]
    assert ages == [
        ("Declined", "oldest 7 days", "late"),
        ("Damaged or missing", "oldest 3 days", "near"),
        ("Unread messages", "oldest 1 day", ""),
    ]
    assert "Hold to resume" in day.nothing_in


def test_nothing_is_told_to_those_who_see_no_work_orders(db, client_of):
    assert client_of(make_rita("outbox.view_message")).get(INDEX).context["day"] is None


def test_first_page_asks_a_fixed_number_of_queries(client, dana, staff, django_assert_num_queries):
    for make in SCENARIOS.values():
        make(dana, staff)
    client.get(INDEX)
    with django_assert_num_queries(8):
        client.get(INDEX)


# --- Who waits longest comes first
def test_a_list_shows_who_waits_longest_first(dana, staff, clock, client_of):
    made = []
    for name, make in SCENARIOS.items():
        first = make(dana, staff)
        clock.shift(dt.timedelta(minutes=5))
        made.append((name, first, make(dana, staff)))
    client = client_of(staff)
    for name, first, second in made:
        rows = [row for row in listed(client, name) if row in (first, second)]
        assert (name, rows) == (name, [first, second])


@pytest.mark.parametrize(("days", "waits"), [(1, False), (3, False), (4, True)])
def test_work_that_nobody_accepts_waits_after_two_business_days(
    dana, staff, clock, settings, client_of, days, waits
):
    """Assigned on Friday: Saturday and Sunday do not count, and Tuesday is the second day."""
    clock.move_to(dt.datetime(2026, 3, 6, 17, tzinfo=dt.UTC))
    made = make_work_order(partner=dana.partner, assigned_on=dt.date(2026, 3, 6))
    clock.shift(dt.timedelta(days=days))
    client = client_of(staff)
    assert waiting(client) == ({"Not accepted": 1} if waits else {})
    assert listed(client, "unaccepted") == ([made] if waits else [])
    settings.ACCEPT_WITHIN_DAYS = 3
    assert waiting(client) == {}


@pytest.mark.parametrize(
    ("make", "label"), [(declined, "Reassign"), (given_up, "Issue a follow-on work order")]
)
def test_the_main_button_is_the_one_that_is_due(dana, staff, client_of, make, label):
    page = client_of(staff).get(
        reverse("admin:workorders_workorder_change", args=[make(dana, staff).pk])
    )
    assert page.context["links"][0].label.startswith(label.split()[0])
