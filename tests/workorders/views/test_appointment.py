"""The appointment form over HTTP: question 200, error 422, stale 409, each with the form and what
was typed.
"""

import datetime as dt
import threading

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse

from tests.factories import book_on, fresh, make_accepted, make_user, ship
from tests.pages import html_of, mismatches
from workorders import services
from workorders.models import Appointment, MissedSLAReason
from workorders.states import DelayReason

pytestmark = pytest.mark.once

HTMX = {"HX-Request": "true"}
LATE = "2026-03-06T09:00"
TIMELY = "2026-03-05T09:00"


def test_an_appointment_in_time_is_booked_at_once(work_order, post):
    answer = post(appointment_at=TIMELY)
    assert (answer.status_code, answer["Location"]) == (302, f"/work-orders/{work_order.number}/")
    assert fresh(work_order).appointment.at.isoformat() == "2026-03-05T17:00:00+00:00"


def test_htmx_is_led_to_the_page_anew(work_order, post):
    answer = post(HTMX, appointment_at=TIMELY)
    assert (answer.status_code, answer["HX-Redirect"]) == (
        200,
        f"/work-orders/{work_order.number}/",
    )


@pytest.mark.parametrize("headers", [None, HTMX])
def test_a_late_one_is_asked_about_with_both_dates(work_order, post, headers):
    answer = post(headers, appointment_at=LATE)
    page = html_of(answer)
    assert answer.status_code == 200
    assert 'name="confirmed_target" value="2026-03-05"' in page
    assert "1 business day late" in page
    assert page.lstrip().startswith("<section" if headers else "<!doctype html>")
    assert answer.has_header("Vary")
    assert "HX-Request" in answer["Vary"]
    assert Appointment.objects.count() == 0


def test_yes_leads_to_the_nine_reasons_each_with_its_description(post):
    page = html_of(post(appointment_at=LATE, answer="yes", confirmed_target="2026-03-05"))
    assert page.count('type="radio" name="reason"') == 9
    for reason in DelayReason:
        assert f'value="{reason}"' in page
        assert f'id="about-{reason}"' in page


def test_yes_never_saves_even_with_a_reason(post):
    answer = post(
        appointment_at=LATE, answer="yes", confirmed_target="2026-03-05", reason="weather"
    )
    assert (answer.status_code, Appointment.objects.count()) == (200, 0)


def test_ok_with_a_reason_saves_both(work_order, post):
    answer = post(
        appointment_at=LATE, confirmed_target="2026-03-05", reason="weather", note="Storm"
    )
    assert answer.status_code == 302
    assert fresh(work_order).appointment.missed_sla.note == "Storm"


def test_no_saves_nothing_and_keeps_what_was_typed(post):
    answer = post(appointment_at=LATE, answer="no")
    page = html_of(answer)
    assert (answer.status_code, Appointment.objects.count()) == (200, 0)
    assert f'value="{LATE}"' in page
    assert "autofocus" in page
    assert "<dialog" not in page


@pytest.mark.parametrize(
    "answer",
    [
        {"confirmed_target": "2026-03-05"},
        {"confirmed_target": "2026-03-05", "reason": "because"},
        {"confirmed_target": "2026-03-05", "reason": "weather", "note": "n" * 10_000},
        {"confirmed_target": "2026-03-05", "reason": "weather", "note": "\x00"},
        {"reason": "because"},
    ],
)
def test_a_missing_or_made_up_answer_saves_nothing(post, answer):
    assert post(appointment_at=LATE, **answer).status_code == 422
    assert (Appointment.objects.count(), MissedSLAReason.objects.count()) == (0, 0)


@pytest.mark.parametrize("confirmed", ["", "2026-03-04", "yes", "2026-02-30", "\x00"])
def test_only_the_target_as_it_stands_confirms(post, confirmed):
    answer = post(appointment_at=LATE, confirmed_target=confirmed, reason="weather")
    assert answer.status_code in (200, 422)
    assert Appointment.objects.count() == 0


def test_a_target_that_moved_since_is_asked_about_again_in_the_new_version(work_order, post):
    ship(
        work_order,
        carrier="",
        service="",
        estimated_delivery_on=work_order.assigned_on.replace(day=5),
    )
    answer = post(
        appointment_at="2026-03-10T09:00", confirmed_target="2026-03-05", reason="weather"
    )
    page = html_of(answer)
    assert answer.status_code == 200
    assert 'name="confirmed_target" value="2026-03-06"' in page
    assert f'name="version" value="{fresh(work_order).version}"' in page
    assert "has moved from" in page
    assert Appointment.objects.count() == 0


def test_a_stale_version_answers_409_with_the_news_and_what_was_typed(work_order, post, voltfix):
    eve = make_user("eve@voltfix.example", partner=voltfix)
    first = services.Booking(dt.datetime(2026, 3, 4, 18, tzinfo=dt.UTC), "Eve", "+1 415 555 0112")
    services.book_appointment(work_order, first, by=eve)
    answer = post(HTMX, appointment_at=TIMELY, technician_name="Robin Field")
    page = html_of(answer)
    assert answer.status_code == 409
    assert "Appointment booked" in page
    assert "Robin Field" in page
    assert fresh(work_order).appointment.technician_name == "Eve"
    assert post(appointment_at=TIMELY, version=fresh(work_order).version).status_code == 302


@pytest.mark.parametrize(
    "when",
    [
        "",
        "2026-02-30T09:00",
        "2026-03-08T02:30",
        "9999-12-31T23:59",
        "0001-01-01T00:00",
        "2026-03-05",
        "3/5/2026 9:00",
        "2026-03-05T09:00Z",
        "2026-03-05T09:00+01:00",
        "٢٠٢٦-03-05T09:00",
        "2026-03-01T09:00",
        "2027-06-01T09:00",
        "\x00",
        "x" * 10_000,
    ],
)
def test_a_date_that_cannot_be_is_refused_at_its_field(post, when):
    answer = post(appointment_at=when)
    assert answer.status_code == 422
    assert list(answer.context["form"].errors) == ["appointment_at"]
    assert Appointment.objects.count() == 0


def test_the_hour_that_daylight_saving_repeats_means_the_first(work_order, post, clock):
    clock.move_to(work_order.ledger.first().at.replace(month=10, day=20))
    services.enter_shipment(
        work_order, "FSO-1", services.ShipmentDetails("FSO", status="shipped"), by=None
    )
    post(appointment_at="2026-11-01T01:30", version=fresh(work_order).version)
    assert fresh(work_order).appointment.at.isoformat() == "2026-11-01T08:30:00+00:00"


@pytest.mark.parametrize(
    ("field", "typed"),
    [
        ("technician_name", ""),
        ("technician_name", "\x00"),
        ("technician_name", "t" * 10_000),
        ("contact_phone", ""),
        ("contact_phone", "call me"),
        ("contact_email", "nobody"),
        ("contact_email", "a@b.example\nBcc: c@d.example"),
        ("version", ""),
        ("version", "-1"),
    ],
)
def test_bad_input_is_said_at_its_field_and_keeps_the_rest(post, field, typed):
    answer = post(appointment_at=TIMELY, **{field: typed})
    assert answer.status_code == 422
    assert list(answer.context["form"].errors) == [field]
    assert TIMELY in html_of(answer)
    assert Appointment.objects.count() == 0


def test_a_proposal_is_offered_first_and_chosen_by_a_press_alone(work_order, post, clock):
    clock.move_to(work_order.ledger.first().at.replace(day=5))
    known = {"appointment_at": LATE, "confirmed_target": "2026-03-05"}
    page = html_of(post(**known, answer="yes"))
    assert "checked" not in page
    assert page.index('name="take" value="part-late"') < page.index('name="reason"')
    refused = post(**known)  # Ok alone
    assert (refused.status_code, MissedSLAReason.objects.count()) == (422, 0)
    taken = html_of(post(**known, take="part-late", note="As the carrier says"))
    assert 'value="part-late" checked' in taken
    assert mismatches(taken, "As the carrier says") == []
    assert not MissedSLAReason.objects.exists()
    assert post(**known, reason="part-late").status_code == 302


def test_the_last_reason_of_this_cycle_is_preselected(work_order, post):
    known = {"appointment_at": LATE, "confirmed_target": "2026-03-05"}
    assert post(**known, reason="weather").status_code == 302
    moved = {**known, "appointment_at": "2026-03-09T09:00", "version": fresh(work_order).version}
    assert 'value="weather" checked' in html_of(post(**moved, answer="yes"))


def test_a_technician_and_another_partner_book_nothing(work_order, tess, omar, client_of):
    book_on(work_order, tess)
    url = reverse("appointment", args=[work_order.number])
    assert client_of(tess).post(url, {"appointment_at": TIMELY}).status_code == 403
    assert client_of(omar).post(url, {"appointment_at": TIMELY}).status_code == 404


def test_booking_needs_the_csrf_token(work_order, dana):
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(dana)
    assert (
        browser.post(
            reverse("appointment", args=[work_order.number]), {"appointment_at": TIMELY}
        ).status_code
        == 403
    )


def test_eight_clicks_at_once_book_once(real_transactions, dana, client_of):
    work_order = make_accepted(dana, parts_required=False)
    url, version = reverse("appointment", args=[work_order.number]), work_order.version
    at = work_order.site_today().isoformat() + "T23:00"
    typed = {
        "version": version,
        "appointment_at": at,
        "technician_name": "Robin",
        "contact_phone": "+1 415 555 0111",
    }
    if work_order.target_on < work_order.site_today():
        typed |= {"confirmed_target": work_order.target_on.isoformat(), "reason": "weather"}
    browsers = [client_of(dana) for _ in range(8)]
    answers: list[int] = []

    def click(browser: Client) -> None:
        try:
            answers.append(browser.post(url, typed).status_code)
        finally:
            connection.close()

    clicks = [threading.Thread(target=click, args=[browser]) for browser in browsers]
    for thread in clicks:
        thread.start()
    for thread in clicks:
        thread.join()
    assert answers == [302] * 8
    assert Appointment.objects.count() == 1


@pytest.mark.parametrize("answer", [{}, {"confirmed_target": "2026-03-05", "reason": "because"}])
def test_a_date_that_no_calendar_reaches_is_refused(post, answer):
    answer = post(appointment_at="2031-02-01T10:00", **answer)
    assert answer.status_code == 422
    assert "appointment_at" in answer.context["form"].errors


def test_a_made_up_reason_does_not_skip_the_question(post):
    answer = post(appointment_at=LATE, reason="because")
    assert (answer.status_code, answer.context.get("question")) == (422, None)


def test_an_action_that_is_not_possible_leads_back_with_the_reason(work_order, dana, client_of):
    answer = client_of(dana).get(reverse("complete", args=[work_order.number]), follow=True)
    assert "not possible while the work order is Shipped" in html_of(answer)
