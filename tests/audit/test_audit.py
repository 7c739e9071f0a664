"""What the audit keeps of what people do around the work, who reads it, and for how long."""

import datetime as dt

import pytest
from django.conf import settings as ours
from django.contrib.auth.models import Group
from django.urls import reverse
from django.utils import timezone

from portal.audit.models import AuditEntry, AuditEvent
from portal.audit.services import forget_old_entries
from portal.people.models import User
from portal.people.services import add_user, change_user, erase_user
from tests.factories import PASSWORD, make_rita
from tests.pages import html_of
from workorders.models import append_only

LIST = reverse("admin:audit_auditentry_changelist")


def kept(**which) -> list[tuple]:
    rows = AuditEntry.objects.filter(**which).order_by("pk")
    return list(rows.values_list("event", "by", "person", "note"))


def test_logins_are_kept_and_those_that_fail(client, dana):
    for email, password in [
        (dana.email, "wrong"),
        ("nobody@voltfix.example", PASSWORD),
        (dana.email.upper(), PASSWORD),
    ]:
        client.post("/login/", {"login": email, "password": password})
    assert kept() == [
        ("login-failed", None, dana.pk, ""),
        ("login-failed", None, None, ""),
        ("logged-in", dana.pk, None, ""),
    ]


def test_a_denial_is_kept_once_a_minute(client_of, dana, rita):
    for person, path in [(dana, "/admin/"), (dana, "/admin/"), (rita, "/work-orders/")]:
        assert client_of(person).get(path).status_code == 403
    assert kept(event="denied") == [
        ("denied", dana.pk, None, "admin/"),
        ("denied", rita.pk, None, "work-orders/"),
    ]


def test_an_export_is_kept_and_a_page_is_not(client_of, dana):
    browser = client_of(dana)
    for path in ("/work-orders/", "/scorecard/", "/scorecard/work-orders.csv"):
        browser.get(path)
    assert [note for event, _, _, note in kept() if event == "exported"] == [
        "scorecard/work-orders.csv"
    ]


def test_rights_are_kept_as_they_are_given_and_taken(client_of, admin_user, dana, voltfix):
    new = User(email="new@voltfix.example", name="New", role="technician", partner=voltfix)
    add_user(new, by=admin_user)
    dana.role, dana.phone = "manager", "+1 408 555 0100"
    change_user(dana, fields=["phone"], by=admin_user)
    change_user(dana, fields=["phone", "role"], by=admin_user)
    dana.is_active = False
    change_user(dana, fields=["is_active"], by=admin_user)
    staff, group = make_rita(), Group.objects.create(name="Readers")
    form = {"email": staff.email, "name": staff.name, "role": "staff", "is_active": "on"}
    path = reverse("admin:people_user_change", args=[staff.pk])
    assert client_of(admin_user).post(path, form | {"groups": group.pk}).status_code == 302
    erase_user(dana, by=admin_user)
    assert kept(by=admin_user, person__isnull=False) == [
        ("added", admin_user.pk, new.pk, "Technician"),
        ("rights-changed", admin_user.pk, dana.pk, "role: manager"),
        ("rights-changed", admin_user.pk, dana.pk, "is_active: False"),
        ("rights-changed", admin_user.pk, staff.pk, "groups: Readers"),
        ("erased", admin_user.pk, dana.pk, ""),
    ]


@pytest.mark.parametrize(("right", "status"), [("audit.view_auditentry", 200), (None, 403)])
def test_the_admin_shows_it_to_those_with_the_right_and_lets_nobody_write(
    client_of, dana, right, status
):
    entry = AuditEntry.objects.create(event=AuditEvent.DENIED, by=dana, note="admin/")
    browser = client_of(make_rita(right or "outbox.view_message"))
    page = browser.get(LIST)
    assert page.status_code == status
    assert ("Denied" in html_of(page)) == (status == 200)
    one = reverse("admin:audit_auditentry_change", args=[entry.pk])
    assert browser.get(one).status_code == status
    assert browser.post(one, {"note": "never happened"}).status_code == 403
    for path in (f"{one[: -len('change/')]}delete/", f"{LIST}add/"):
        assert browser.post(path, {"post": "yes"}).status_code == 403
    chosen = {"action": "delete_selected", "_selected_action": entry.pk, "post": "yes"}
    browser.post(LIST, chosen)
    entry.refresh_from_db()
    assert entry.note == "admin/"


@pytest.mark.parametrize("count", [1, 3])
def test_the_list_takes_the_same_queries_for_any_number(
    client_of, admin_user, dana, count, django_assert_num_queries
):
    browser = client_of(admin_user)
    AuditEntry.objects.bulk_create(
        [AuditEntry(event=AuditEvent.DENIED, by=dana, person=admin_user) for _ in range(count)]
    )
    with django_assert_num_queries(4):
        browser.get(LIST)


def test_entries_are_forgotten_when_the_setting_says(guarded_ledger, settings):
    settings.AUDIT_KEPT_DAYS = 100
    now = timezone.now()
    for days in (99, 101):
        AuditEntry.objects.create(event=AuditEvent.DENIED, at=now - dt.timedelta(days=days))
    forget_old_entries()
    assert [(now - entry.at).days for entry in AuditEntry.objects.all()] == [99]


def test_the_setting_keeps_at_least_what_the_database_guards():
    assert ours.AUDIT_KEPT_DAYS >= append_only.AUDIT_DAYS == 90
