"""Technicians: onboarded on the partner's domain, certified, chosen for appointments, offboarded;
what each sees.
"""

import datetime as dt
import io
import re

import pytest
from django.core.exceptions import PermissionDenied
from django.urls import reverse

from portal.outbox.models import Message
from portal.people.models import Certification, User
from portal.people.roles import Role
from tests.factories import book_on, fresh, make_accepted, make_partner, make_site, make_user
from tests.pages import html_of
from workorders import services
from workorders.models import Appointment, WorkOrder
from workorders.models.ledger import Event
from workorders.services import Booking, offboard_technician
from workorders.services.importing import import_certifications
from workorders.states import VisitOutcome

pytestmark = pytest.mark.once

NEW = {"name": "Lee Ito", "email": "Lee@voltfix.example", "phone": "+1 415 555 0190"}
HTMX = {"HX-Request": "true"}
LIST = "/technicians/"


def certify(technician: User, until: dt.date, number: str = "CP-1") -> Certification:
    return Certification.objects.create(
        technician=technician, name="CP6000 repair", number=number, expires_on=until
    )


def url(name: str, *args: object) -> str:
    return reverse(name, args=args)


# --- On board
def test_onboarding_invites_a_technician_of_ones_own_partner(dana, client_of):
    answer = client_of(dana).post(LIST, NEW, follow=True)
    lee = User.objects.get(email="lee@voltfix.example")
    assert (lee.role, lee.partner, lee.phone, lee.has_usable_password()) == (
        "technician",
        dana.partner,
        NEW["phone"],
        False,
    )
    assert [message.to for message in Message.objects.all()] == ["lee@voltfix.example"]
    assert "Lee Ito is on board: an invitation goes to lee@voltfix.example." in html_of(answer)


@pytest.mark.parametrize(
    ("email", "said"),
    [
        ("lee@elsewhere.example", "Addresses of VoltFix must end with @voltfix.example."),
        ("tess@voltfix.example", "Tess is already one of your technicians."),
        (
            "dana@voltfix.example",
            "This address belongs to someone who is not one of your technicians.",
        ),
        ("nobody", "Enter a valid email address."),
    ],
)
def test_an_address_that_cannot_be_is_refused_at_its_field(dana, tess, client_of, email, said):
    answer = client_of(dana).post(LIST, NEW | {"email": email})
    assert (answer.status_code, answer.context["form"].errors) == (422, {"email": [said]})
    assert 'value="Lee Ito"' in html_of(answer)
    assert (User.objects.count(), Message.objects.count()) == (2, 0)


def test_without_a_domain_nobody_is_onboarded(client_of, db):
    boss = make_user("boss@small.example", Role.MANAGER, partner=make_partner("Small Crew"))
    answer = client_of(boss).post(LIST, NEW)
    assert "has not entered your e-mail domain yet" in html_of(answer)


def test_the_page_is_for_those_who_dispatch(dana, tess, omar, staff, client_of):
    assert [client_of(person).get(LIST).status_code for person in (dana, omar, tess, staff)] == [
        200,
        200,
        403,
        403,
    ]
    assert (
        client_of(tess).post(LIST, NEW).status_code
        == client_of(staff).post(LIST, NEW).status_code
        == 403
    )
    assert "Tess" not in html_of(client_of(omar).get(LIST))


def test_another_partners_technician_and_ones_own_dispatcher_are_not_there(
    dana, tess, omar, client_of
):
    boss = make_user("boss@voltfix.example", Role.MANAGER, partner=dana.partner)
    for someone, who in ((omar, tess), (dana, boss), (dana, dana)):
        for name in ("offboard", "invite-technician"):
            assert client_of(someone).post(url(name, who.pk)).status_code == 404
    assert User.objects.filter(is_active=True).count() == 4
    with pytest.raises(PermissionDenied):
        offboard_technician(tess, by=omar)


def test_who_has_not_chosen_a_password_is_invited_again(dana, tess, client_of, clock):
    client_of(dana).post(LIST, NEW)
    clock.shift(60)
    lee = User.objects.get(email="lee@voltfix.example")
    assert "Another invitation goes to" in html_of(
        client_of(dana).post(url("invite-technician", lee.pk), follow=True)
    )
    assert Message.objects.count() == 2
    answer = client_of(dana).post(url("invite-technician", tess.pk), follow=True)
    assert "already has a password" in html_of(answer)


def test_the_page_takes_as_many_queries_with_three_technicians_as_with_one(
    dana, tess, client_of, django_assert_num_queries
):
    browser = client_of(dana)
    certify(tess, dt.date(2027, 1, 1))
    with django_assert_num_queries(4):
        browser.get(LIST)
    for name in ("lee", "kim"):
        certify(
            make_user(f"{name}@voltfix.example", Role.TECHNICIAN, partner=dana.partner),
            dt.date(2027, 1, 1),
        )
    with django_assert_num_queries(4):
        browser.get(LIST)


# --- Off board
def test_offboarding_lists_what_loses_its_technician_and_tells_each(
    work_order, dana, tess, client_of
):
    book_on(work_order, tess)
    tess_browser, browser = client_of(tess), client_of(dana)
    page = html_of(browser.get(url("offboard", tess.pk)))
    assert "1 appointment loses the technician" in page
    assert work_order.number in page
    assert tess_browser.get(f"/work-orders/{work_order.number}/").status_code == 200
    page = html_of(browser.post(url("offboard", tess.pk), follow=True))
    assert f"Tess is offboarded. Without a technician now: {work_order.number}." in page
    assert "1 appointment without a technician" in page
    assert f'href="/work-orders/{work_order.number}/#appointment"' in html_of(browser.get(LIST))
    assert tess_browser.get(f"/work-orders/{work_order.number}/").status_code == 302  # logged out
    assert work_order.ledger.last().event == Event.TECHNICIAN_LEFT
    assert "Tess has been offboarded. Choose another technician." in html_of(
        browser.get(f"/work-orders/{work_order.number}/")
    )


def test_who_had_left_comes_back_with_a_new_password(dana, tess, client_of):
    certify(tess, dt.date(2027, 1, 1))
    offboard_technician(tess, by=dana)
    page = html_of(client_of(dana).get(f"{LIST}?again={tess.pk}"))
    assert 'value="tess@voltfix.example"' in page
    client_of(dana).post(LIST, {"name": "Tess", "email": "tess@voltfix.example", "phone": ""})
    tess.refresh_from_db()
    assert (tess.is_active, tess.has_usable_password(), tess.certifications.count()) == (
        True,
        False,
        1,
    )


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
        ({"technician_name": ""}, "technician_name", "Give the technician’s name."),
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


# --- What a technician sees and does
def test_a_technician_sees_the_work_orders_of_his_appointments_alone(
    work_order, dana, tess, client_of
):
    browser, page = client_of(tess), f"/work-orders/{work_order.number}/"
    assert browser.get(page).status_code == 404
    assert work_order.number not in html_of(browser.get("/work-orders/"))
    book_on(work_order, tess)
    assert browser.get(page).status_code == 200
    assert work_order.number in html_of(browser.get("/work-orders/"))
    book_on(work_order, make_user("lee@voltfix.example", Role.TECHNICIAN, partner=dana.partner))
    assert browser.get(page).status_code == 404


def test_completed_and_could_not_complete_are_the_technicians_once_the_visit_has_begun(
    dana, tess, clock, client_of
):
    work_order = book_on(make_accepted(dana, parts_required=False, line_items=("Replace",)), tess)
    browser = client_of(tess)
    for name in ("complete", "could-not-complete"):
        assert browser.post(url(name, work_order.number), {"version": 1}).status_code == 403
    assert "Start work" in html_of(browser.get(f"/work-orders/{work_order.number}/"))
    browser.post(url("start-visit", work_order.number))
    page = browser.get(f"/work-orders/{work_order.number}/")
    assert [
        page.context["footbar"].main.label,
        *(action.label for action in page.context["footbar"].more),
    ] == [
        "Completed",
        "End the visit",
        "Could Not Complete",
    ]
    services.tick_line_item(work_order, 1, by=tess)
    browser.post(url("complete", work_order.number), {"version": fresh(work_order).version})
    done = fresh(work_order)
    assert (done.status, done.visits.get().outcome) == ("completed", VisitOutcome.DONE)


def test_the_technicians_page_says_where_whom_and_what(work_order, tess, client_of, settings):
    settings.OPERATOR_SUPPORT_PHONE = "+1 408 555 0100"
    book_on(work_order, tess)
    page = html_of(client_of(tess).get(f"/work-orders/{work_order.number}/"))
    for words in (
        "640 Channel St",
        "Directions",
        'href="tel:+14155550187"',
        'href="sms:+14155550187"',
        "Lock out the station",
    ):
        assert words in page
    assert 'href="tel:+14085550100"' in page
    assert f"The number to read out: <b>{work_order.number}</b>" in page
    settings.OPERATOR_SUPPORT_PHONE = ""
    page = html_of(client_of(tess).get(f"/work-orders/{work_order.number}/"))
    assert f'<p class="count mb-0">Work order <b>{work_order.number}</b>' in page


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


# --- Certifications as staff import them
def imported(rows: str, **options: bool):
    return import_certifications(
        io.BytesIO(f"technician,certification,number,expires_on\n{rows}".encode()),
        by=None,
        **options,
    )


def test_certifications_are_created_and_brought_up_to_date(tess):
    row = "Tess@voltfix.example,CP6000 repair,CP-1,{}\n"
    assert imported(row.format("2026-12-31")).summary == "1 created, 0 updated, 0 unchanged"
    assert imported(row.format("2026-12-31")).summary == "0 created, 0 updated, 1 unchanged"
    assert imported(row.format("2027-12-31")).summary == "0 created, 1 updated, 0 unchanged"
    assert str(tess.certifications.get().expires_on) == "2027-12-31"


@pytest.mark.parametrize(
    ("row", "said"),
    [
        (
            "dana@voltfix.example,CP,1,2026-12-31",
            "line 3: technician: 'dana@voltfix.example' is not a technician's e-mail address",
        ),
        ("tess@voltfix.example,CP,1,2026-02-30", "line 3: expires_on: '2026-02-30' is not a date"),
        (
            "tess@voltfix.example,CP,0,2026-12-31",
            "line 3: number: the same certification is already on line 2",
        ),
    ],
)
def test_a_bad_certification_imports_nothing(tess, dana, row, said):
    result = imported(f"tess@voltfix.example,CP,0,2026-12-31\n{row}\n")
    assert ([str(error) for error in result.errors], Certification.objects.count()) == ([said], 0)
