"""A proposed change to a calendar: what would move, shown before it moves, and then just that."""

import datetime as dt
from typing import Any

import pytest
from django.db import OperationalError
from django.test import Client

from tests.factories import fresh, make_accepted, make_entitlement, make_territory
from tests.pages import html_of, mismatches
from tests.workorders.admin.calendars import CLOSURE, TUESDAY, WEDNESDAY, closing, url, words
from tests.workorders.admin.conftest import allow
from workorders.models import CalendarProposal, DayState, ServiceTerritory
from workorders.services.calendars.proposals import CalendarChange, approve, propose, reject
from workorders.services.calendars.refreshing import refresh
from workorders.states import DayKind

RIGHTS = ["view_calendarproposal", "change_calendarproposal"]
MONDAY, THURSDAY, FRIDAY = dt.date(2026, 3, 9), dt.date(2026, 3, 12), dt.date(2026, 3, 13)
LIST = url("calendarproposal_changelist")


@pytest.fixture
def client(staff, client_of) -> Client:
    return client_of(allow(staff, *RIGHTS))


@pytest.fixture
def territory(db) -> ServiceTerritory:
    return make_territory()


def page(proposal: CalendarProposal) -> str:
    return url("calendarproposal_change", proposal.pk)


def decide(
    client: Client, proposal: CalendarProposal, button: str = "_approve", **data: Any
) -> Any:
    lines = {"lines": [line.pk for line in proposal.days.all()]}
    return client.post(page(proposal), lines | data | {button: "1"})


# --- What is shown
def test_page_shows_the_difference_with_all_lines_ticked(client, territory, staff):
    change = CalendarChange(
        {TUESDAY: CLOSURE, dt.date(2026, 12, 25): DayState(DayKind.WORKED, "Christmas Day")}
    )
    response = client.get(page(propose(territory, change, by=staff)))
    text = words(response)
    assert "Tue, Mar 10 as its weekday closed: Company closure" in text
    assert "Fri, Dec 25 closed: Christmas Day worked: Christmas Day" in text
    assert "Is this intended? Fri, Dec 25 would be a business day." in text
    assert "Nothing moves." in text
    assert html_of(response).count(" checked>") == 2


def test_page_shows_another_weekend_and_coverage(client, territory, staff):
    change = CalendarChange(weekend=[4, 5], last=dt.date(2030, 12, 31))
    text = words(client.get(page(propose(territory, change, by=staff))))
    assert "Weekend Saturday, Sunday → Friday, Saturday" in text
    assert "Last day covered Mon, Dec 31, 2029 → Tue, Dec 31, 2030" in text
    assert "2030 would have 0 closed weekdays." in text


def test_effect_is_shown_for_the_ticked_lines_only(client, territory, staff, dana):
    for entitlement in (make_entitlement(), make_entitlement("Assure 3-Day", 3)):
        make_accepted(dana, parts_required=False, assigned_on=MONDAY, entitlement=entitlement)
    proposal = closing(territory, TUESDAY, THURSDAY, by=staff)
    assert "2 of 2 open work orders move: 2 later." in words(client.get(page(proposal)))
    one = decide(
        client,
        proposal,
        "_effect",
        lines=[proposal.days.get(day=THURSDAY).pk],
        note="Think about it",
    )
    assert "1 of 2 open work orders moves: 1 later." in words(one)
    assert (one.status_code, html_of(one).count(" checked>")) == (200, 1)
    assert "Think about it" in html_of(one)
    none = words(decide(client, proposal, "_effect", lines=[]))
    assert "This changes nothing in the calendar." in none
    proposal.refresh_from_db()
    assert proposal.is_open


# --- Deciding
def test_approval_moves_open_work_and_says_how_much(client, territory, staff, dana):
    work_order = make_accepted(dana, parts_required=False, territory=territory, assigned_on=MONDAY)
    proposal = closing(territory, TUESDAY, by=staff)
    assert "1 of 1 open work order moves: 1 later." in words(client.get(page(proposal)))
    response = client.post(
        page(proposal), {"lines": [proposal.days.get().pk], "_approve": "1", "note": "Inventory"}
    )
    assert response.url == page(proposal)
    text = words(client.get(response.url))
    assert "Approved: revision 2 of US-Federal. 1 Target SLA moved." in text
    assert fresh(work_order).target_on == WEDNESDAY
    territory.refresh_from_db()
    assert territory.applied_revision == territory.revision == 2


def test_approval_sent_again_says_the_same(client, territory, staff, dana):
    """Also what came of it once it was saved."""
    make_accepted(dana, parts_required=False, territory=territory, assigned_on=MONDAY)
    proposal = closing(territory, TUESDAY, by=staff)
    for _ in range(2):
        answer = decide(client, proposal, form_key="k1")
        assert "Approved: revision 2 of US-Federal. 1 Target SLA moved." in words(
            client.get(answer.url)
        )


def test_approval_that_moves_nothing_says_so(client, territory, staff):
    text = words(client.get(decide(client, closing(territory, TUESDAY, by=staff)).url))
    assert "Approved: revision 2 of US-Federal. Nothing moved." in text


def test_what_is_too_much_for_a_request_follows_in_the_background(
    client, territory, staff, dana, monkeypatch
):
    monkeypatch.setattr("workorders.admin.effects.AT_ONCE", 1)
    monkeypatch.setattr("workorders.services.calendars.recalculating.BATCH", 1)
    for _ in range(2):
        make_accepted(dana, parts_required=False, territory=territory, assigned_on=MONDAY)
    text = words(client.get(decide(client, closing(territory, TUESDAY, by=staff)).url))
    assert "Target SLAs moved so far; the rest follows in the background within minutes." in text


def test_approval_remains_when_a_lock_is_in_the_way_of_what_follows(
    client, territory, staff, monkeypatch
):
    def locked(**kwargs: Any) -> None:
        raise OperationalError("canceling statement due to lock timeout")

    monkeypatch.setattr("workorders.admin.effects.recalculate", locked)
    text = words(client.get(decide(client, closing(territory, TUESDAY, by=staff)).url))
    assert (
        "Approved: revision 2 of US-Federal. It follows in the background within minutes." in text
    )


def test_only_the_ticked_lines_are_taken(client, territory, staff):
    proposal = closing(territory, TUESDAY, WEDNESDAY, by=staff)
    decide(client, proposal, lines=[proposal.days.get(day=WEDNESDAY).pk])
    assert list(proposal.days.values_list("day", "taken")) == [(TUESDAY, False), (WEDNESDAY, True)]
    text = words(client.get(page(proposal)))
    assert "no Tue, Mar 10 as its weekday closed: Company closure" in text
    assert "yes Wed, Mar 11 as its weekday closed: Company closure" in text


def test_rejection_changes_nothing_and_keeps_its_note(client, territory, staff):
    proposal = closing(territory, TUESDAY, by=staff)
    decide(client, proposal, "_reject", note="Not <b>this</b> year")
    response = client.get(page(proposal))
    text = words(response)
    assert "Rejected. The calendar stays as it is." in text
    assert "Rejected Staff 2026-03-09 20:00 UTC" in text
    assert "Not &lt;b&gt;this&lt;/b&gt; year" in html_of(response)
    assert mismatches(response, without=['name="_approve"']) == []
    assert ServiceTerritory.objects.get().revision == 1


@pytest.mark.parametrize("button", ["_approve", "_reject"])
def test_decided_proposal_is_not_decided_again(client, territory, staff, button):
    proposal = closing(territory, TUESDAY, by=staff)
    reject(proposal, by=staff)
    response = decide(client, proposal, button)
    assert (response.status_code, ServiceTerritory.objects.get().revision) == (409, 1)
    assert "This has already been rejected." in words(response)


def test_day_that_has_changed_since_is_refused_with_a_sentence(client, territory, staff):
    old, new = (closing(territory, TUESDAY, WEDNESDAY, by=staff) for _ in range(2))
    approve(new, lines={new.days.get(day=TUESDAY).pk}, by=staff)
    response = decide(client, old)
    assert response.status_code == 422
    assert (
        "Tue, Mar 10 has changed since this was proposed. Reject it and make a new proposal."
        in words(response)
    )


def test_proposal_that_changes_nothing_any_more_is_shown_and_refused(client, territory, staff):
    old, new = (
        propose(territory, CalendarChange(last=dt.date(2030, 12, 31)), by=staff) for _ in range(2)
    )
    approve(new, by=staff)
    assert "This changes nothing in the calendar." in words(client.get(page(old)))
    assert decide(client, old).status_code == 422


@pytest.mark.once
@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        ({"lines": ["999999"]}, "Select a valid choice"),
        ({"lines": ["x"]}, "Select a valid choice"),
        ({"note": "n" * 1001}, "at most 1000 characters"),
        ({"lines": []}, "This changes nothing in the calendar."),
    ],
)
@pytest.mark.parametrize("button", ["_approve", "_effect"])
def test_bad_input_is_refused_and_the_note_stays(client, territory, staff, data, sentence, button):
    proposal = closing(territory, TUESDAY, by=staff)
    response = decide(client, proposal, button, **({"note": "Typed by hand"} | data))
    assert sentence in words(response)
    assert response.status_code == (200 if button == "_effect" and data == {"lines": []} else 422)
    assert "Typed by hand" in html_of(response) or "n" * 1001 in html_of(response)
    proposal.refresh_from_db()
    assert proposal.is_open


def test_post_without_a_button_decides_nothing(client, territory, staff):
    proposal = closing(territory, TUESDAY, by=staff)
    assert decide(client, proposal, "_other").status_code == 422
    proposal.refresh_from_db()
    assert proposal.is_open


def test_proposal_that_a_refresh_has_replaced_leads_to_the_list(client, territory):
    old = refresh(territory, year=2026).proposal
    address = page(old)
    refresh(territory, year=2027)
    response = client.post(address, {"_approve": "1"}, follow=True)
    assert response.redirect_chain == [(LIST, 302)]
    assert "This proposal no longer exists: a newer one may have replaced it." in words(response)


# --- The list
def test_list_has_the_open_ones_first(client, territory, staff):
    kinds = {"rejected": reject, "approved": approve}
    oldest = closing(territory, FRIDAY, by=staff)
    for number, decided in enumerate(kinds.values()):
        decided(closing(territory, TUESDAY + dt.timedelta(days=number), by=staff), by=staff)
    refreshed = refresh(territory, year=2026).proposal
    rows = list(client.get(LIST).context["cl"].result_list)
    assert rows[:2] in ([refreshed, oldest], [oldest, refreshed])
    assert {row.verdict for row in rows[2:]} == {"approved", "rejected"}
    text = words(client.get(LIST))
    assert "11 days differ, covered to 2030-12-31 Open refresh_calendars" in text


@pytest.mark.parametrize(
    ("verdict", "count"), [("open", 1), ("approved", 1), ("rejected", 0), ("nonsense", 2)]
)
def test_list_is_filtered_by_verdict_and_territory(client, territory, staff, verdict, count):
    approve(closing(territory, TUESDAY, by=staff), by=staff)
    closing(territory, WEDNESDAY, by=staff)
    assert len(client.get(LIST, {"verdict": verdict}).context["cl"].result_list) == count
    other = make_territory("GB-ENG", "GB", "ENG")
    assert len(client.get(LIST, {"territory__id__exact": other.pk}).context["cl"].result_list) == 0


@pytest.mark.parametrize("rows", [1, 3])
def test_list_asks_the_same_number_of_queries_for_1_and_3_rows(
    client, staff, rows, django_assert_num_queries
):
    for number in range(rows):
        closing(make_territory(f"US-{number}", "US"), TUESDAY, by=staff)
    with django_assert_num_queries(7):
        assert len(client.get(LIST).context["cl"].result_list) == rows


# --- Who may
def test_viewer_sees_the_effect_and_decides_nothing(client_of, territory, staff):
    proposal = closing(territory, TUESDAY, by=staff)
    client = client_of(allow(staff, "view_calendarproposal"))
    response = client.get(page(proposal))
    assert "Nothing moves." in words(response)
    assert mismatches(response, without=['name="_approve"']) == []
    for button in ("_approve", "_reject", "_effect"):
        assert decide(client, proposal, button).status_code == 403
    proposal.refresh_from_db()
    assert proposal.is_open


def test_partners_and_staff_without_the_permission_are_kept_out(client_of, territory, staff, dana):
    proposal = closing(territory, TUESDAY, by=staff)
    for user in (allow(staff, "view_serviceterritory"), dana):
        client = client_of(user)
        assert [client.get(address).status_code for address in (LIST, page(proposal))] == [403, 403]
        assert decide(client, proposal).status_code == 403


def test_nothing_is_added_or_deleted_by_hand(client_of, admin_user, territory, staff):
    proposal = closing(territory, TUESDAY, by=staff)
    client = client_of(admin_user)
    assert client.get(url("calendarproposal_add")).status_code == 403
    assert (
        client.post(url("calendarproposal_delete", proposal.pk), {"post": "yes"}).status_code == 403
    )
