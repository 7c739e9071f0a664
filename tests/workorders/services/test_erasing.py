"""Erasing a person: they become a number everywhere; the ledger stays as it was, to the letter."""

import datetime as dt
import json
from io import StringIO

import pytest
from django.apps import apps
from django.contrib.admin.models import LogEntry
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.management import call_command
from django.core.serializers.json import DjangoJSONEncoder

from portal.people.models import Certification, User
from portal.people.services import invite
from tests.factories import fresh, make_accepted
from tests.pages import html_of, mismatches
from workorders.models import LedgerEntry
from workorders.services import Booking, book_appointment, comment, erase_people, start_visit

LIST, ERASE = "/admin/people/user/", "/admin/people/user/erase/"
NOON = dt.datetime(2026, 3, 3, 20, tzinfo=dt.UTC)


@pytest.fixture
def known(clock, voltfix, dana, tess, staff):
    """Tess is wherever a person can be: booked by choice and by hand, visited, certified, invited,
    in admin's log.
    """
    User.objects.filter(pk=tess.pk).update(
        name="Tess Quillfeather", phone="+1 415 555 0188", password="!"
    )
    tess.refresh_from_db()
    Certification.objects.create(
        technician=tess, name="CP", number="CERT-77", expires_on=dt.date(2027, 1, 1)
    )
    invite(tess, by=None)
    content = {"user": staff, "action_flag": 2, "object_id": str(tess.pk), "object_repr": tess.name}
    LogEntry.objects.create(content_type_id=_content_type(), **content)
    visited, typed = (make_accepted(dana, parts_required=False) for _ in range(2))
    contact = {"contact_phone": tess.phone, "contact_email": tess.email}
    book_appointment(visited, Booking(NOON, tess.name, technician=tess, **contact), by=dana)
    clock.move_to(NOON + dt.timedelta(minutes=1))
    start_visit(fresh(visited), by=tess)
    comment(fresh(visited), body="The gate is shut", by=tess)
    book_appointment(typed, Booking(NOON + dt.timedelta(hours=9), "Tess Q.", **contact), by=dana)
    return tess


def _content_type() -> int:
    return apps.get_model("contenttypes", "ContentType").objects.get_for_model(User).pk


def everything() -> str:
    """Every row of every table, as text."""
    models = apps.get_models()
    rows = [list(model._default_manager.values()) for model in models]
    return json.dumps(rows, cls=DjangoJSONEncoder).casefold()


def test_nothing_in_the_database_names_the_person_any_more(known, admin_user):
    personal = ["quillfeather", "tess q.", "tess@voltfix", "555 0188", "cert-77"]
    assert [word for word in personal if word not in everything()] == []
    (person,) = erase_people([known], by=admin_user)
    assert [word for word in personal if word in everything()] == []
    assert (person.name, person.email) == (
        f"Erased person {known.pk}",
        f"erased-{known.pk}@erased.invalid",
    )
    assert (person.is_active, person.has_usable_password(), person.phone) == (False, False, "")


def test_the_ledger_is_kept_to_the_letter_and_shows_the_number(
    guarded_ledger, known, admin_user, dana, client_of
):
    before = list(LedgerEntry.objects.order_by("pk").values())
    erase_people([known], by=admin_user)
    assert list(LedgerEntry.objects.order_by("pk").values())[: len(before)] == before
    visited = LedgerEntry.objects.filter(actor=known).first().work_order
    page = html_of(client_of(dana).get(f"/work-orders/{visited.number}/history/"))
    assert f"Erased person {known.pk}" in page
    out = StringIO()
    call_command("export_changes", stdout=out)
    assert (
        mismatches(out.getvalue(), f'"name": "Erased person {known.pk}"', without=["Quillfeather"])
        == []
    )


def test_open_work_is_told_once_that_its_technician_left(known, admin_user, dana, client_of):
    erase_people([known], by=admin_user)
    assert [
        entry.appointment.technician_id
        for entry in LedgerEntry.objects.filter(event="technician-left")
    ] == [known.pk]
    page = html_of(client_of(dana).get("/technicians/"))
    assert mismatches(page, f"Erased person {known.pk}", without=["Onboard again"]) == []


def test_namesakes_and_others_keep_what_is_theirs(known, admin_user, dana):
    other = make_accepted(dana, parts_required=False)
    book_appointment(
        other, Booking(NOON + dt.timedelta(hours=1), known.name, "+1 415 555 0100"), by=dana
    )
    erase_people([known], by=admin_user)
    assert fresh(other).appointment.technician_name == "Tess Quillfeather"
    dana.refresh_from_db()
    assert (dana.name, dana.is_active) == ("Dana", True)


def test_only_a_superuser_erases_and_nobody_oneself_or_twice(known, admin_user, staff, dana):
    for someone in (staff, dana, known):
        with pytest.raises(PermissionDenied):
            erase_people([known], by=someone)
    with pytest.raises(ValidationError, match="erase yourself"):
        erase_people([known, admin_user], by=admin_user)
    known.refresh_from_db()
    assert known.is_active
    erase_people([known], by=admin_user)
    with pytest.raises(ValidationError, match="already been erased"):
        erase_people([known], by=admin_user)


def test_in_the_admin_it_is_an_action_with_a_page_that_asks(known, admin_user, client_of):
    browser = client_of(admin_user)
    asked = browser.post(LIST, {"action": "erase", "_selected_action": [known.pk]}, follow=True)
    assert asked.redirect_chain[-1][0] == f"{ERASE}?keys={known.pk}"
    assert "Erase Tess Quillfeather" in html_of(asked)
    assert browser.post(f"{ERASE}?keys={known.pk}", {}).status_code == 422
    assert "Tess Quillfeather" in html_of(browser.get(LIST))
    done = html_of(browser.post(f"{ERASE}?keys={known.pk}", {"sure": "on"}, follow=True))
    assert mismatches(done, f"Erased person {known.pk}", without=["Quillfeather"]) == []
    again = browser.post(f"{ERASE}?keys={known.pk}", {"sure": "on"})
    assert (again.status_code, mismatches(again, "has already been erased")) == (422, [])
    page = f"{LIST}{known.pk}/change/"
    assert browser.post(page, {"name": "Tess", "email": "tess@voltfix.example"}).status_code == 403
    assert browser.get(ERASE).status_code == 302


def test_staff_without_all_rights_neither_see_nor_use_it(known, client_of, staff):
    browser = client_of(staff)
    assert browser.post(f"{ERASE}?keys={known.pk}", {"sure": "on"}).status_code == 403
    known.refresh_from_db()
    assert known.name == "Tess Quillfeather"
