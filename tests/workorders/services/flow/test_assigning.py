"""Work that nobody accepted goes to another partner, who reads nothing of what stood before;
follow-ons.
"""

import datetime as dt

import pytest

from tests.factories import fresh, make_accepted, make_work_order
from tests.pages import html_of
from workorders.models import WorkOrder
from workorders.models.ledger import Event
from workorders.services import (
    Delay,
    DomainError,
    InvalidState,
    NotAllowed,
    cancel,
    comment,
    could_not_complete,
    issue_follow_on,
    note_requirements,
    reassign,
    request_assistance,
    undo_last_step,
    update_work_order,
)
from workorders.states import CouldNotCompleteReason, DelayReason, Status

MONDAY, TUESDAY = dt.date(2026, 3, 2), dt.date(2026, 3, 3)
pytestmark = pytest.mark.usefixtures("clock")


@pytest.fixture
def declined(clock, dana) -> WorkOrder:
    """Assigned to VoltFix a week ago, declined late on Monday, March 2nd, with words of Dana's in
    the thread.
    """
    made = make_work_order(
        partner=dana.partner, parts_required=False, assigned_on=dt.date(2026, 2, 23)
    )
    comment(made, body="We have no crew in this county.", by=dana)
    note_requirements(fresh(made), text="A lift of 8 m", by=dana)
    given_up = could_not_complete(
        fresh(made),
        reason=CouldNotCompleteReason.NO_CAPACITY,
        note="Nobody is free.",
        delay=Delay(DelayReason.TECHNICIAN, "Robin is ill"),
        by=dana,
    )
    clock.shift(60)
    return given_up


def test_declined_work_begins_anew_with_another_partner(declined, amped, staff):
    row = reassign(
        declined, partner=amped, assigned_on=MONDAY, note="Amped has a crew nearby.", by=staff
    )
    assert (row.status, row.partner, row.give_up_reason) == (Status.ASSIGNED, amped, "")
    assert (row.assigned_on, row.target_on, row.partner_notes) == (MONDAY, TUESDAY, "")
    entry = row.ledger.get(event=Event.REASSIGNED)
    assert (entry.actor, entry.note) == (staff, "Amped has a crew nearby.")


@pytest.mark.parametrize("page", ["", "history/", "collaborate/", "related/", "receipt/"])
def test_new_partner_reads_nothing_of_the_earlier_one(
    declined, amped, staff, dana, omar, client_of, page
):
    reassign(declined, partner=amped, assigned_on=MONDAY, by=staff)
    address = f"/work-orders/{declined.number}/{page}"
    seen = client_of(omar).get(address)
    assert seen.status_code == 200
    secrets = ["Dana", "VoltFix", "no crew in this county", "8 m", "Nobody is free", "No capacity"]
    secrets += ["Technician Availability", "Robin is ill"]
    assert [secret for secret in secrets if secret in html_of(seen)] == []
    assert client_of(dana).get(address).status_code == 404


def test_staff_still_read_all_of_it(declined, amped, staff, client_of):
    reassign(declined, partner=amped, assigned_on=MONDAY, by=staff)
    page = html_of(client_of(staff).get(f"/work-orders/{declined.number}/history/"))
    assert "Nobody is free." in page


def test_partner_changed_by_an_edit_hides_what_stood_before_too(
    clock, dana, amped, omar, staff, client_of
):
    made = make_work_order(partner=dana.partner)
    comment(made, body="Call me at home", by=dana)
    clock.shift(60)
    update_work_order(fresh(made), {"partner": amped}, by=staff)
    assert "Call me at home" not in html_of(
        client_of(omar).get(f"/work-orders/{made.number}/collaborate/")
    )


def test_work_that_is_accepted_is_not_reassigned(dana, amped, staff):
    accepted = make_accepted(dana)
    with pytest.raises(InvalidState, match="not possible while the work order is Ship to Received"):
        reassign(accepted, partner=amped, assigned_on=MONDAY, by=staff)
    given_up = could_not_complete(
        accepted, reason=CouldNotCompleteReason.OBSTRUCTION, note="A wall.", by=dana
    )
    with pytest.raises(InvalidState, match="issue a follow-on work order"):
        reassign(given_up, partner=amped, assigned_on=MONDAY, by=staff)


@pytest.mark.parametrize(
    ("partner", "day", "field"),
    [
        ("voltfix", MONDAY, "partner"),
        ("amped", dt.date(2026, 2, 22), "assigned_on"),
        ("amped", dt.date(2026, 3, 4), "assigned_on"),
    ],
)
def test_reassignment_that_cannot_be_is_refused_at_its_field(
    declined, voltfix, amped, staff, partner, day, field
):
    with pytest.raises(DomainError) as refused:
        reassign(
            declined,
            partner={"voltfix": voltfix, "amped": amped}[partner],
            assigned_on=day,
            by=staff,
        )
    assert (refused.value.field, fresh(declined).status) == (field, Status.COULD_NOT_COMPLETE)


def test_reason_and_note_stand_on_both_pages(declined, dana, admin_user, client_of):
    page = html_of(client_of(dana).get(f"/work-orders/{declined.number}/"))
    assert "Could Not Complete: No capacity. “Nobody is free.”" in page
    assert "no date yet" not in page
    page = html_of(client_of(admin_user).get(f"/admin/workorders/workorder/{declined.pk}/change/"))
    assert "Could Not Complete <small>No capacity “Nobody is free.”</small>" in page
    assert "<li>Reason: No capacity</li>" in page


def test_admin_leads_from_one_to_the_other(declined, amped, admin_user, client_of):
    follow_on = issue_follow_on(declined, "WO-77", partner=amped, assigned_on=MONDAY, by=admin_user)
    pages = {row: f"/admin/workorders/workorder/{row.pk}/change/" for row in (declined, follow_on)}
    for row, other, words in (
        (declined, follow_on, "Followed by"),
        (follow_on, declined, "Follow-on of"),
    ):
        page = html_of(client_of(admin_user).get(pages[row]))
        assert f'<dt>{words}</dt><dd><a href="{pages[other]}">{other.number}</a>' in page


def test_what_a_follow_on_does_is_not_done_twice(declined, amped, staff):
    follow_on = issue_follow_on(declined, "WO-77", partner=amped, assigned_on=MONDAY, by=staff)
    anew = [
        lambda: reassign(fresh(declined), partner=amped, assigned_on=MONDAY, by=staff),
        lambda: undo_last_step(fresh(declined), note="They can after all", by=staff),
    ]
    for again in anew:
        with pytest.raises(InvalidState, match="WO-77 is its follow-on: cancel that one first"):
            again()
    cancel(follow_on, comment="VoltFix can after all.", by=staff)
    assert anew[1]().status == Status.ASSIGNED


def test_admin_offers_no_way_to_do_it_twice(declined, amped, admin_user, client_of):
    page = f"/admin/workorders/workorder/{declined.pk}/"

    def offered() -> list[str]:
        shown = html_of(client_of(admin_user).get(f"{page}change/"))
        return [step for step in ("reassign", "follow-on", "undo") if f"{page}{step}/" in shown]

    assert offered() == ["reassign", "follow-on", "undo"]
    issue_follow_on(declined, "WO-77", partner=amped, assigned_on=MONDAY, by=admin_user)
    assert offered() == []


def test_reassignment_is_answered_by_another_one(declined, amped, staff):
    reassign(declined, partner=amped, assigned_on=MONDAY, by=staff)
    with pytest.raises(InvalidState, match="reassign it again instead"):
        undo_last_step(fresh(declined), note="Wrong one", by=staff)


def test_reassignment_and_follow_on_are_for_staff(declined, amped, dana, tess):
    for person in (dana, tess):
        with pytest.raises(NotAllowed):
            reassign(declined, partner=amped, assigned_on=MONDAY, by=person)
        with pytest.raises(NotAllowed):
            issue_follow_on(declined, "WO-1", partner=amped, assigned_on=MONDAY, by=person)


# --- Follow-on
def test_follow_on_is_the_same_task_anew_and_both_name_each_other(dana, amped, staff):
    first = make_accepted(dana, line_items=("Lock out the station", "Replace the cable"))
    could_not_complete(first, reason=CouldNotCompleteReason.OBSTRUCTION, note="A wall.", by=dana)
    issued = issue_follow_on(first, "WO-77", partner=amped, assigned_on=MONDAY, by=staff)
    assert (issued.status, issued.partner, issued.follows) == (Status.ASSIGNED, amped, first)
    assert (issued.subject, issued.site, issued.accepted_on) == (first.subject, first.site, None)
    assert [item.description for item in issued.line_items.all()] == [
        "Lock out the station",
        "Replace the cable",
    ]
    assert fresh(first).ledger.last().note == "WO-77"


def test_follow_on_is_issued_once_and_only_after_could_not_complete(dana, amped, staff):
    first = make_accepted(dana)
    with pytest.raises(InvalidState):
        issue_follow_on(first, "WO-77", partner=amped, assigned_on=MONDAY, by=staff)
    could_not_complete(first, reason=CouldNotCompleteReason.OBSTRUCTION, note="A wall.", by=dana)
    issue_follow_on(first, "WO-77", partner=amped, assigned_on=MONDAY, by=staff)
    with pytest.raises(InvalidState, match="It already has a follow-on, WO-77"):
        issue_follow_on(fresh(first), "WO-78", partner=amped, assigned_on=MONDAY, by=staff)


def test_follow_on_with_a_number_that_is_taken_is_refused_and_nothing_is_told(dana, amped, staff):
    first = make_accepted(dana)
    could_not_complete(first, reason=CouldNotCompleteReason.OBSTRUCTION, note="A wall.", by=dana)
    with pytest.raises(DomainError):
        issue_follow_on(first, first.number, partner=amped, assigned_on=MONDAY, by=staff)
    assert fresh(first).ledger.filter(event=Event.FOLLOW_ON_ISSUED).count() == 0


@pytest.mark.parametrize("of_the_same_partner", [True, False])
def test_pages_link_the_two_where_both_may_be_seen(
    dana, voltfix, amped, staff, client_of, of_the_same_partner
):
    first = make_accepted(dana)
    could_not_complete(first, reason=CouldNotCompleteReason.OBSTRUCTION, note="A wall.", by=dana)
    partner = voltfix if of_the_same_partner else amped
    issue_follow_on(first, "WO-77", partner=partner, assigned_on=MONDAY, by=staff)
    page = html_of(client_of(dana).get(f"/work-orders/{first.number}/"))
    assert ("WO-77" in page) == of_the_same_partner
    assert "WO-77" in html_of(client_of(staff).get(f"/work-orders/{first.number}/"))
    assert first.number in html_of(client_of(staff).get("/work-orders/WO-77/"))


def test_request_of_the_earlier_partner_is_not_open_for_the_new_one(
    amped, staff, dana, omar, client_of
):
    made = make_work_order(partner=dana.partner)
    request_assistance(made, body="Which gate?", by=dana)
    reassign(fresh(made), partner=amped, assigned_on=MONDAY, by=staff)
    assert "Assistance requested" not in html_of(
        client_of(omar).get(f"/work-orders/{made.number}/")
    )
