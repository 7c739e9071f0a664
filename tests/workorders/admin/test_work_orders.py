"""The list of work orders, and the page of one."""

import datetime as dt
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from tests.factories import (
    book_on,
    fresh,
    make_accepted,
    make_territory,
    make_work_order,
    ship,
)
from tests.pages import html_of
from tests.workorders.admin.staff_pages import entered, page
from workorders.models import WorkOrder
from workorders.services import comment, could_not_complete, log_contact
from workorders.states import Channel, CouldNotCompleteReason, Status

pytestmark = pytest.mark.once

LIST = reverse("admin:workorders_workorder_changelist")
QUERIES_OF_THE_LIST = 6  # session, user, rights, a filter, count, rows


@pytest.mark.parametrize("rows", [1, 3])
def test_list_asks_the_same_number_of_queries_for_1_and_3_rows(
    client, dana, rows, django_assert_num_queries
):
    for _ in range(rows):
        make_accepted(dana, parts_required=False)
    with django_assert_num_queries(QUERIES_OF_THE_LIST) as captured:
        response = client.get(LIST)
    assert len(response.context["cl"].result_list) == rows
    assert [query["sql"] for query in captured.captured_queries if "DISTINCT" in query["sql"]] == []


def test_list_shows_the_target_with_its_distance(client, dana):
    make_accepted(dana, parts_required=False, assigned_on=dt.date(2026, 3, 9))
    text = html_of(client.get(LIST))
    assert '<time datetime="2026-03-10">Tue, Mar 10</time> <small>in 1 business day</small>' in text


def test_list_says_why_work_was_declined(client, dana):
    could_not_complete(
        make_work_order(partner=dana.partner),
        reason=CouldNotCompleteReason.NO_CAPACITY,
        note="Nobody is free.",
        by=dana,
    )
    assert "Could Not Complete <small>No capacity</small>" in html_of(client.get(LIST))


def numbers(client: Any, **query: Any) -> list[str]:
    response = client.get(LIST, query)
    assert response.status_code == 200
    return [work_order.number for work_order in response.context["cl"].result_list]


@pytest.mark.every_database
def test_list_is_sorted_by_the_value_of_the_number(client, dana):
    for number in ("WO-9", "WO-100", "WO-10"):
        make_work_order(number, partner=dana.partner)
    assert numbers(client) == numbers(client, o="-0") == ["WO-100", "WO-10", "WO-9"]
    assert numbers(client, o="0") == ["WO-9", "WO-10", "WO-100"]


def test_a_partner_is_searched_for_and_the_other_filters_stay(client, dana, amped):
    make_work_order("WO-1", partner=dana.partner)
    make_work_order("WO-2", partner=amped)
    both = html_of(client.get(LIST, {"status__exact": "assigned", "q": "WO"}))
    hidden = '<input type="hidden" name="{}" value="{}">'
    assert hidden.format("status__exact", "assigned") in both
    assert hidden.format("q", "WO") in both
    assert amped.name not in both.partition('class="searched"')[2].partition("</form>")[0]
    chosen = html_of(client.get(LIST, {"partner__id__exact": amped.pk, "q": "WO"}))
    shown = chosen.partition('class="searched"')[2].partition("</form>")[0]
    assert f'<option value="{amped.pk}" selected>{amped.name}</option>' in shown
    assert '<a href="?q=WO">All</a>' in shown
    assert "WO-1" not in chosen


@pytest.mark.every_database
def test_list_is_filtered_and_searched(client, dana, amped):
    ours = make_accepted(dana, number="WO-1", case_number="00777", parts_required=False)
    theirs = make_work_order("WO-2", partner=amped, territory=make_territory("GB-ENG", "GB", "ENG"))
    ship(make_accepted(dana, number="WO-3"), "FSO-1", tracking_number="794644790132")
    assert numbers(client, status__exact="assigned") == ["WO-2"]
    assert numbers(client, partner__id__exact=amped.pk) == ["WO-2"]
    assert numbers(client, territory__id__exact=theirs.territory_id) == ["WO-2"]
    assert numbers(client, work_type__exact="installation") == []
    assert numbers(client, sla="missed") == [ours.number]
    assert numbers(client, sla="overdue") == []
    assert numbers(client, sla="nonsense") == ["WO-3", "WO-2", "WO-1"]
    assert numbers(client, q="00777") == ["WO-1"]
    assert numbers(client, q="794644790132") == ["WO-3"]
    assert numbers(client, q="%_") == []
    assert numbers(client, q="amped") == ["WO-2"]


@pytest.mark.every_database
def test_a_search_for_a_technician_finds_their_work(client, dana, tess):
    theirs = book_on(make_accepted(dana, parts_required=False), tess)
    make_accepted(dana)
    assert numbers(client, q=tess.name.upper()) == [theirs.number]


def test_a_search_for_a_dispatcher_finds_their_partners_work(client, dana, omar):
    make_work_order("WO-1", partner=dana.partner)
    make_work_order("WO-2", partner=omar.partner)
    assert numbers(client, q=dana.name.upper()) == ["WO-1"]
    assert numbers(client, q=omar.email) == ["WO-2"]


def test_list_shows_the_work_whose_parts_are_overdue(client, dana):
    for number, due in (("WO-1", dt.date(2026, 3, 6)), ("WO-2", dt.date(2026, 3, 9))):
        ship(
            make_accepted(dana, number=number),
            f"FSO-{number}",
            carrier="",
            service="",
            estimated_delivery_on=due,
        )
    assert numbers(client, sla="overdue") == ["WO-1"]
    assert '?sla=overdue">Parts overdue</a>' in html_of(client.get(LIST))


def test_list_links_to_the_imports_for_those_who_may(client, client_of, viewer):
    assert "Import shipments" in html_of(client.get(LIST))
    assert "Import" not in html_of(client_of(viewer).get(LIST))


def test_forged_list_post_adds_and_changes_nothing(client, dana):
    work_order = make_accepted(dana)
    data = {
        "form-TOTAL_FORMS": "2",
        "form-INITIAL_FORMS": "1",
        "form-0-id": work_order.pk,
        "form-0-status": "closed",
    }
    client.post(LIST, data | {"form-1-number": "WO-9", "_save": "Save"})
    client.post(
        LIST, {"action": "delete_selected", "_selected_action": work_order.pk, "post": "yes"}
    )
    assert list(WorkOrder.objects.values_list("pk", "status")) == [
        (work_order.pk, Status.SHIP_TO_RECEIVED)
    ]


# --- One work order
def test_page_shows_what_is_there(client, dana):
    work_order = make_accepted(dana, line_items=("Lock out", "Replace the cable"))
    ship(work_order, "FSO-1", tracking_number="794")
    comment(work_order, body="Nobody <b>answers</b>.", by=dana)
    text = html_of(client.get(page(work_order)))
    for fact in (
        "Priya Natarajan",
        "Replace the cable",
        "FSO-1",
        "794",
        "Nobody &lt;b&gt;answers",
        "Ship-to changed",
    ):
        assert fact in text
    assert f'href="/work-orders/{work_order.number}/">View as the partner sees it' in text


def test_page_tells_who_tried_to_reach_the_poc(client, dana):
    counts: list[int] = []
    work_order = make_accepted(dana, parts_required=False)
    assert "Contact log" not in html_of(client.get(page(work_order)))
    for note in ("Voicemail", "Again", "No use"):
        log_contact(work_order, channel=Channel.CALL, reached=False, note=note, by=dana)
        with CaptureQueriesContext(connection) as queries:
            text = html_of(client.get(page(work_order)))
        assert f"{dana.name}: Call: no answer “{note}”" in " ".join(text.split())
        counts.append(len(queries))
    assert counts == counts[:1] * 3


@pytest.mark.parametrize(
    ("parts", "offered"),
    [
        (True, {"Order the parts", "Add shipment", "Comment", "Put on hold", "Undo the last step"}),
        (False, {"Add shipment", "Comment", "Put on hold", "Undo the last step"}),
    ],
)
def test_page_offers_what_is_possible_now(client, dana, parts, offered):
    work_order = make_accepted(dana, parts_required=parts)
    links = client.get(page(work_order)).context["links"]
    assert {link.label for link in links} == offered | {
        "Cancel the work order",
        "Add a second POC",
        "Internal note",
    }
    assert [client.get(link.url).status_code for link in links] == [200] * len(links)


def test_page_offers_nothing_to_those_who_may_only_look(client_of, viewer, dana):
    work_order = make_accepted(dana)
    ship(work_order, "FSO-1")
    response = client_of(viewer).get(page(work_order))
    assert (response.status_code, response.context["links"]) == (200, [])
    text = html_of(response)
    assert "/edit/" not in text
    assert "Mark delivered" not in text


def test_page_takes_no_post(client, dana):
    work_order = make_accepted(dana)
    response = client.post(
        page(work_order), entered(work_order) | {"status": "closed", "subject": "x"}
    )
    assert (response.status_code, fresh(work_order).version) == (405, work_order.version)


@pytest.mark.parametrize("name", ["change", "edit", "delete", "history"])
def test_partner_user_is_kept_out(client_of, dana, name):
    assert client_of(dana).get(page(make_accepted(dana), name)).status_code == 403


def test_work_order_is_never_deleted(client_of, admin_user, dana):
    work_order = make_accepted(dana)
    assert (
        client_of(admin_user).post(page(work_order, "delete"), {"post": "yes"}).status_code == 403
    )
    assert WorkOrder.objects.filter(pk=work_order.pk).exists()


def test_history_leads_to_the_ledger(client, dana):
    work_order = make_accepted(dana)
    assert (
        client.get(page(work_order, "history")).url == f"/work-orders/{work_order.number}/history/"
    )


def test_work_order_that_does_not_exist_is_not_there(client):
    for path in (
        "999/change/",
        "999/edit/",
        "999/hold/",
        "x/change/",
        "99999999999999999999/hold/",
    ):
        assert client.get(f"{LIST}{path}").status_code == 404
