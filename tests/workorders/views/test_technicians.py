"""Technicians: onboarded on the partner's domain, offboarded; what each sees."""

import datetime as dt

import pytest
from django.core.exceptions import PermissionDenied

from portal.outbox.models import Message
from portal.people.models import User
from portal.people.roles import Role
from tests.factories import book_on, certify, fresh, make_accepted, make_partner, make_user
from tests.pages import html_of, url
from workorders import services
from workorders.models.ledger import Event
from workorders.services import offboard_technician
from workorders.states import VisitOutcome

pytestmark = pytest.mark.once

NEW = {"name": "Lee Ito", "email": "Lee@voltfix.example", "phone": "+1 415 555 0190"}
LIST = "/technicians/"


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
    assert "Lee Ito was added. An invitation is on its way to lee@voltfix.example." in html_of(
        answer
    )


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
    assert "Another invitation is on its way to" in html_of(
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
    assert f"Tess is offboarded. These no longer have a technician: {work_order.number}." in page
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
        page.context["bar"].main.label,
        *(action.label for action in page.context["bar"].more),
        *(action.label for action in page.context["bar"].reach),
    ] == ["End the visit", "Could Not Complete", "Request for Assistance"]
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
    assert "The number to read out" not in page
