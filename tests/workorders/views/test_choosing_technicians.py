"""Technicians are chosen for an appointment, and for other work at the same site."""

import datetime as dt
import re

import pytest

from portal.people.roles import Role
from tests.factories import book_on, certify, fresh, make_accepted, make_site, make_user
from tests.pages import html_of, url
from tests.workorders.views.list_page import HTMX
from workorders import services
from workorders.models import Appointment, WorkOrder
from workorders.services import Booking

pytestmark = pytest.mark.once


# --- Chosen for an appointment
def test_certified_ones_are_offered_first_and_others_not_at_all(
    work_order, dana, tess, omar, client_of
):
    lee = make_user("lee@voltfix.example", Role.TECHNICIAN, partner=dana.partner, name="Lee")
    make_user("zoe@amped.example", Role.TECHNICIAN, partner=omar.partner, name="Zoe")
    make_user(
        "ann@voltfix.example", Role.TECHNICIAN, partner=dana.partner, name="Ann", is_active=False
    )
    certify(tess, dt.date(2026, 12, 31))
    certify(lee, dt.date(2026, 3, 1))
    page = client_of(dana).get(f"/work-orders/{work_order.number}/")
    choices = page.context["form"]["technician"].field.widget.choices
    assert list(choices)[1:] == [
        ("Certified", [(tess.pk, "Tess (until Thu, Dec 31)")]),
        ("Not certified", [(lee.pk, "Lee")]),
    ]


def test_whoever_is_chosen_brings_name_and_contact_details(work_order, dana, tess, post):
    answer = post(
        appointment_at="2026-03-05T09:00",
        technician=str(tess.pk),
        technician_name="",
        contact_phone="",
    )
    booked = fresh(work_order).appointment
    assert (answer.status_code, booked.technician, booked.technician_name) == (302, tess, "Tess")
    assert (booked.contact_phone, booked.contact_email) == ("", "tess@voltfix.example")


def test_a_typed_name_of_ones_own_is_that_technician_and_any_other_is_text(work_order, tess, post):
    post(appointment_at="2026-03-05T09:00", technician_name=" tess ")
    assert (
        fresh(work_order).appointment.technician,
        fresh(work_order).appointment.technician_name,
    ) == (tess, "Tess")
    post(
        appointment_at="2026-03-05T09:00",
        technician_name="Robin",
        version=fresh(work_order).version,
    )
    assert (
        fresh(work_order).appointment.technician,
        fresh(work_order).appointment.technician_name,
    ) == (None, "Robin")


@pytest.mark.parametrize(
    ("typed", "field", "said"),
    [
        ({"technician_name": ""}, "technician_name", "Enter the technician’s name."),
        (
            {"technician": "999999"},
            "technician",
            "Choose one of your technicians, or enter a name.",
        ),
        ({"technician": "x\0"}, "technician", "Null characters are not allowed."),
    ],
)
def test_nobody_and_nobody_of_ones_own_are_refused(work_order, tess, post, typed, field, said):
    answer = post(appointment_at="2026-03-05T09:00", **typed)
    assert (answer.status_code, answer.context["form"].errors[field]) == (422, [said])
    assert Appointment.objects.count() == 0


def test_two_different_names_are_asked_about(work_order, tess, post):
    answer = post(
        appointment_at="2026-03-05T09:00", technician=str(tess.pk), technician_name="Robin"
    )
    assert (
        "Tess is chosen. For another name choose"
        in answer.context["form"].errors["technician_name"][0]
    )


def test_another_partners_technician_is_refused_by_the_service_too(work_order, dana, omar):
    zoe = make_user("zoe@amped.example", Role.TECHNICIAN, partner=omar.partner)
    when = dt.datetime(2026, 3, 5, 18, tzinfo=dt.UTC)
    with pytest.raises(services.DomainError, match="Choose one of your technicians"):
        services.book_appointment(work_order, Booking(when, "Zoe", "1", technician=zoe), by=dana)


def remarks_on(browser, work_order: WorkOrder, **typed: str) -> str:
    return html_of(browser.get(url("technician", work_order.number), typed, headers=HTMX))


def test_what_to_know_of_a_technician_is_said_while_the_form_is_filled_in(
    work_order, dana, tess, client_of
):
    browser, when = client_of(dana), "2026-03-05T09:00"
    who = {"technician": str(tess.pk), "technician_name": "Tess", "appointment_at": when}
    assert "Tess is not certified." in remarks_on(browser, work_order, **who)
    certify(tess, dt.date(2026, 3, 4))
    assert "Tess is not certified after Wed, Mar 4." in remarks_on(browser, work_order, **who)
    certify(tess, dt.date(2026, 3, 5), "CP-2")
    assert "notice near" not in remarks_on(browser, work_order, **who)
    stranger = remarks_on(browser, work_order, technician_name="Robin", appointment_at=when)
    assert "Robin is not one of your technicians, and will not see this work order" in stranger
    no_day = remarks_on(browser, work_order, technician=str(tess.pk), appointment_at="nonsense")
    assert (
        re.findall(r"<input|<select|swap-oob", stranger + no_day) == []
    )  # what is typed meanwhile stays


def test_each_technician_stands_in_the_form_with_what_choosing_fills_in(
    work_order, dana, tess, client_of
):
    page = html_of(client_of(dana).get(f"/work-orders/{work_order.number}/"))
    assert 'data-name="Tess" data-phone="" data-email="tess@voltfix.example"' in page
    assert page.count("data-name=") == 1


def test_two_sites_at_the_same_time_are_warned_of_and_one_site_is_not(
    work_order, dana, tess, client_of
):
    certify(tess, dt.date(2026, 12, 31))
    depot = make_site("Depot Nine")
    other = book_on(
        make_accepted(dana, parts_required=False, site=depot, number="WO-9"), tess
    )  # Tue, Mar 3, 14:00
    book_on(
        make_accepted(dana, parts_required=False, number="WO-8"), tess
    )  # here, at the same time
    who = {"technician": str(tess.pk), "technician_name": "Tess"}
    said = remarks_on(client_of(dana), work_order, appointment_at="2026-03-03T15:59", **who)
    remark = f"Tess is already booked at Depot Nine around that time: {other.number}"
    assert f"{remark}, Tue, Mar 3, 2:00 PM." in said
    assert "WO-8" not in said
    assert "WO-9" not in remarks_on(
        client_of(dana), work_order, appointment_at="2026-03-03T16:00", **who
    )


# --- The same visit for other work at the site
@pytest.fixture
def two_more(work_order, dana) -> list[WorkOrder]:
    """At the same site, without parts: Target SLA Tue, Mar 3; and a third one elsewhere."""
    make_accepted(dana, parts_required=False, site=make_site("Depot Nine"), number="WO-7")
    return [make_accepted(dana, parts_required=False, number=number) for number in ("WO-5", "WO-6")]


def test_one_tick_books_the_same_visit_each_judged_by_its_own_target(
    work_order, two_more, dana, post, client_of
):
    page = html_of(client_of(dana).get(f"/work-orders/{work_order.number}/"))
    assert "2 more open here" in page
    assert "WO-7" not in page
    answer = post(appointment_at="2026-03-03T09:00", confirmed_parts="2026-03-04", along=["WO-5"])
    assert answer.status_code == 302
    at = fresh(work_order).appointment.at
    assert [(fresh(row).appointment and fresh(row).appointment.at) for row in two_more] == [
        at,
        None,
    ]
    assert fresh(two_more[0]).appointment.judged_by == dt.date(2026, 3, 3)


def test_one_that_misses_its_target_is_asked_about_on_its_own_page(
    work_order, two_more, dana, client_of
):
    browser, to = client_of(dana), url("appointment", work_order.number)
    visit = {"version": 2, "technician_name": "Robin", "contact_phone": "+1 415 555 0111"}
    visit["appointment_at"] = "2026-03-05T09:00"
    assert browser.post(to, visit | {"along": ["WO-7"]}).status_code == 422  # not at this site
    answer = browser.post(to, visit | {"version": work_order.version, "along": ["WO-5", "WO-6"]})
    assert answer["Location"] == f"/work-orders/WO-5/?visit_of={work_order.number}#appointment"
    assert [fresh(row).appointment for row in two_more] == [None, None]
    page = html_of(browser.get(answer["Location"]))
    assert "Not booked yet: WO-5, WO-6. Press Save to see the question." in page
    assert 'value="2026-03-05T09:00"' in page


def test_the_question_keeps_what_was_ticked_and_chosen(work_order, two_more, tess, post):
    page = html_of(
        post(
            appointment_at="2026-03-06T09:00",
            along=["WO-5"],
            technician=str(tess.pk),
            technician_name="",
        )
    )
    dialog = page.partition("<dialog")[2]
    assert '<input type="hidden" name="along" value="WO-5">' in dialog
    assert f'<input type="hidden" name="technician" value="{tess.pk}">' in dialog


def test_another_partners_visit_fills_in_nothing(work_order, omar, dana, client_of):
    book_on(work_order, make_user("lee@voltfix.example", Role.TECHNICIAN, partner=dana.partner))
    theirs = make_accepted(omar, parts_required=False, number="WO-4")
    page = html_of(
        client_of(omar).get(f"/work-orders/{theirs.number}/?visit_of={work_order.number}")
    )
    assert "lee@voltfix.example" not in page
