"""The question about a visit before the parts, over HTTP: asked with 200, answered for the very day
that was shown.
"""

import datetime as dt

import pytest
from django.urls import reverse

from tests.factories import fresh, ship
from tests.pages import html_of
from workorders import services
from workorders.models import Appointment, MissedSLAReason

pytestmark = pytest.mark.once

HTMX = {"HX-Request": "true"}
EARLY = "2026-03-03T09:00"
YES = {"confirmed_parts": "2026-03-04"}


@pytest.mark.parametrize("headers", [None, HTMX])
def test_a_visit_before_the_parts_is_asked_about(post, headers):
    answer = post(headers, appointment_at=EARLY)
    page = html_of(answer)
    assert (answer.status_code, Appointment.objects.count()) == (200, 0)
    assert (
        'The parts arrive on <time datetime="2026-03-04">Wed, Mar 4</time>. Book a visit before'
        " they do?" in page
    )
    assert 'name="confirmed_parts" value="2026-03-04"' in page
    assert f'name="appointment_at" value="{EARLY}"' in page
    assert "1 day too early" in page
    assert page.lstrip().startswith("<section" if headers else "<!doctype html>")


def test_the_question_asks_for_no_reason(post):
    page = html_of(post(HTMX, appointment_at=EARLY))
    assert 'type="radio"' not in page
    assert 'name="answer" value="yes"' not in page


@pytest.mark.parametrize("headers", [None, HTMX])
def test_yes_books(work_order, post, headers):
    assert post(headers, appointment_at=EARLY, **YES).status_code == (200 if headers else 302)
    assert fresh(work_order).appointment.on == dt.date(2026, 3, 3)
    assert MissedSLAReason.objects.count() == 0


def test_no_saves_nothing_and_keeps_what_was_typed(post):
    answer = post(appointment_at=EARLY, answer="no", technician_name="Robin Field", **YES)
    page = html_of(answer)
    assert (answer.status_code, Appointment.objects.count()) == (200, 0)
    for kept in (f'value="{EARLY}"', 'value="Robin Field"', "autofocus"):
        assert kept in page
    assert "<dialog" not in page


@pytest.mark.parametrize(
    "confirmed", ["", "2026-03-05", "yes", "20260304", "2026-02-30", "\x00", "9" * 10_000]
)
def test_only_the_day_that_was_shown_confirms(post, confirmed):
    answer = post(appointment_at=EARLY, confirmed_parts=confirmed)
    assert (answer.status_code, Appointment.objects.count()) == (200, 0)
    assert 'name="confirmed_parts" value="2026-03-04"' in html_of(answer)


def test_parts_that_moved_since_are_asked_about_again_in_the_new_version(work_order, post):
    ship(work_order, carrier="", service="", estimated_delivery_on=dt.date(2026, 3, 5))
    answer = post(appointment_at=EARLY, **YES)
    page = html_of(answer)
    assert (answer.status_code, Appointment.objects.count()) == (200, 0)
    assert 'name="confirmed_parts" value="2026-03-05"' in page
    assert f'name="version" value="{fresh(work_order).version}"' in page
    moved = (
        'from <time datetime="2026-03-04">Wed, Mar 4</time> to <time datetime="2026-03-05">Thu, Mar'
        " 5</time>"
    )
    assert f"The Estimated Delivery Date has moved {moved}" in page


def test_another_change_meanwhile_answers_409_and_forgets_no_typing(work_order, post, staff):
    services.hold(work_order, reason="POC away", stops_clock=False, by=staff)
    answer = post(appointment_at=EARLY, **YES)
    page = html_of(answer)
    assert (answer.status_code, Appointment.objects.count()) == (409, 0)
    assert f'value="{EARLY}"' in page
    assert "<dialog" not in page


def test_bad_input_comes_before_the_question(post):
    answer = post(appointment_at=EARLY, contact_phone="")
    assert (answer.status_code, list(answer.context["form"].errors)) == (422, ["contact_phone"])


def test_another_partner_is_told_nothing_of_the_parts(work_order, omar, client_of):
    url = reverse("appointment", args=[work_order.number])
    assert client_of(omar).post(url, {"appointment_at": EARLY}).status_code == 404


# --- The target first, then the parts
def test_each_question_carries_the_answers_to_the_other(sent_back, post):
    typed = {"version": sent_back.version, "appointment_at": "2026-03-05T09:00"}
    reason = {"confirmed_target": "2026-03-03", "reason": "weather", "note": "Storm"}
    asked = html_of(post(**typed, **reason))
    for name, value in (reason | {"confirmed_parts": "2026-03-09"}).items():
        assert f'name="{name}" value="{value}"' in asked
    asked = html_of(
        post(**typed, **reason | {"confirmed_target": "2026-03-02"}, confirmed_parts="2026-03-09")
    )
    assert 'name="confirmed_parts" value="2026-03-09"' in asked
    assert 'name="reason" value="weather"' in asked
    assert post(**typed, **reason, confirmed_parts="2026-03-09").status_code == 302
    assert fresh(sent_back).appointment.missed_sla.note == "Storm"
