"""How people come in: added by staff, invited by mail, with a password of their own choice."""

import datetime as dt
import re

import pytest
import time_machine
from django.contrib.auth.models import Permission
from django.core.exceptions import PermissionDenied, ValidationError
from django.test import Client

from portal.outbox.models import Message
from portal.people.models import User
from portal.people.roles import Role
from portal.people.services import accept_invitation, add_user, change_user, invite
from portal.people.tokens import invitation_token
from tests.factories import make_user
from tests.pages import html_of, mismatches

CHOSEN = {"password1": "brass-Kettle-7741", "password2": "brass-Kettle-7741"}


@pytest.fixture
def coordinator(staff):
    """Staff who may add and change a partner's people."""
    codenames = ["add_user", "change_user", "view_user"]
    staff.user_permissions.set(
        Permission.objects.filter(content_type__app_label="people", codename__in=codenames)
    )
    return User.objects.get(pk=staff.pk)


@pytest.fixture
def nina(voltfix, coordinator) -> User:
    """Invited a moment ago."""
    user = User(
        email="Nina@VoltFix.example", name="Nina Okafor", role=Role.TECHNICIAN, partner=voltfix
    )
    add_user(user, by=coordinator)
    return user


def link() -> str:
    return re.search(
        r"http://127\.0\.0\.1:8000(/invitations/\S+)",
        Message.objects.filter(key__startswith="invitation").first().body,
    )[1]


def test_add_user_sends_an_invitation_to_the_person(nina):
    message = Message.objects.get()
    assert (message.to, message.subject) == (
        "nina@voltfix.example",
        "Your access to the Partner Portal of ChargePoint",
    )
    assert "for VoltFix" in message.body
    assert not nina.has_usable_password()


def test_invitation_lets_the_person_choose_a_password_and_in(client, nina):
    page = client.get(link())
    assert (page.status_code, page.headers["Referrer-Policy"]) == (200, "strict-origin")
    assert "Welcome, Nina Okafor" in html_of(page)
    response = client.post(link(), CHOSEN)
    assert (response.status_code, response.url) == (302, "/")
    assert client.session["_auth_user_id"] == str(nina.pk)
    nina.refresh_from_db()
    assert nina.check_password(CHOSEN["password1"])


def test_invitation_is_used_up_by_post_and_by_nothing_else(nina):
    for scanner in (Client(), Client()):
        assert scanner.get(link()).status_code == 200
        assert scanner.head(link()).status_code == 200
    assert Client().post(link(), CHOSEN).status_code == 302
    assert Client().get(link()).status_code == 404
    assert Client().post(link(), CHOSEN).status_code == 404


def test_invitation_is_used_by_one_of_two_who_are_there_at_once(nina):
    token = invitation_token(nina)
    assert accept_invitation(token, password="first-Kettle-7741") == nina
    assert accept_invitation(token, password="second-Kettle-7741") is None
    nina.refresh_from_db()
    assert nina.check_password("first-Kettle-7741")


@pytest.mark.parametrize(
    "bad",
    [
        {"password1": "short", "password2": "short"},
        {"password1": "nina@voltfix.example", "password2": "nina@voltfix.example"},
        {"password1": "brass-Kettle-7741", "password2": "brass-Kettle-7742"},
        {},
    ],
)
def test_invitation_keeps_the_rules_for_passwords(client, nina, bad):
    response = client.post(link(), bad)
    assert (response.status_code, mismatches(response, "invalid-feedback")) == (422, [])
    assert client.get(link()).status_code == 200


@pytest.mark.parametrize(("seconds", "status"), [(7 * 86400 - 1, 200), (7 * 86400 + 1, 404)])
def test_invitation_lives_seven_days(client, nina, seconds, status):
    with time_machine.travel(dt.datetime(2026, 3, 2, 12, tzinfo=dt.UTC), tick=False) as clock:
        path = f"/invitations/{invitation_token(nina)}/"
        clock.shift(seconds)
        assert client.get(path).status_code == status


def test_invitation_that_is_no_longer_good_looks_the_same_whatever_the_reason(client, nina, dana):
    """Deactivated, used, altered and made-up links; each page says what to do."""
    gone = make_user("gone@voltfix.example", partner=nina.partner)
    tokens = [
        invitation_token(gone),
        invitation_token(dana),
        invitation_token(nina)[:-1],
        "made:up:token",
        "é",
    ]
    User.objects.filter(pk=gone.pk).update(is_active=False)
    dana.set_password("brass-Kettle-7741")
    dana.save()
    pages = [client.get(f"/invitations/{token}/") for token in tokens]
    assert {(page.status_code, re.sub(rb"\b\w{64}\b", b"", page.content)) for page in pages} == {
        (404, re.sub(rb"\b\w{64}\b", b"", pages[0].content))
    }
    assert "have a new link sent" in html_of(pages[0])


def test_invitation_changes_nobody_elses_session_by_being_opened(client_of, dana, nina):
    browser = client_of(dana)
    assert browser.get(link()).status_code == 200
    assert browser.session["_auth_user_id"] == str(dana.pk)
    browser.post(link(), CHOSEN)
    assert browser.session["_auth_user_id"] == str(nina.pk)


def test_invite_again_makes_a_second_message_with_a_good_link(client, nina, coordinator):
    first = link()
    with time_machine.travel(dt.datetime.now(tz=dt.UTC) + dt.timedelta(minutes=5)):
        invite(nina, by=coordinator)
        assert Message.objects.count() == 2
        assert (client.get(first).status_code, client.get(link()).status_code) == (200, 200)


def test_invite_refuses_who_needs_no_invitation(dana, nina, coordinator):
    with pytest.raises(ValidationError, match="already has a password"):
        invite(dana, by=coordinator)
    User.objects.filter(pk=nina.pk).update(is_active=False)
    with pytest.raises(ValidationError, match="is deactivated"):
        invite(nina, by=coordinator)


def test_add_user_keeps_to_the_domain_of_the_partner(voltfix, coordinator):
    for email in (
        "eve@gmail.example",
        "eve@evil.voltfix.example",
        "eve@voltfix.example.evil.example",
    ):
        with pytest.raises(ValidationError, match="must end with @"):
            add_user(
                User(email=email, name="Eve", role=Role.MANAGER, partner=voltfix), by=coordinator
            )
    assert (User.objects.filter(name="Eve").count(), Message.objects.count()) == (0, 0)


def test_add_user_takes_any_address_for_a_partner_without_a_domain(voltfix, coordinator):
    voltfix.email_domain = ""
    add_user(
        User(email="sam@anywhere.example", name="Sam", role=Role.MANAGER, partner=voltfix),
        by=coordinator,
    )
    assert User.objects.filter(email="sam@anywhere.example").count() == 1


@pytest.mark.parametrize(("role", "has_partner"), [(Role.STAFF, True), (Role.DISPATCHER, False)])
def test_add_user_refuses_a_role_that_does_not_fit_the_partner(
    voltfix, admin_user, role, has_partner
):
    user = User(
        email="sam@voltfix.example", name="Sam", role=role, partner=voltfix if has_partner else None
    )
    with pytest.raises(ValidationError, match="staff have none"):
        add_user(user, by=admin_user)


def test_people_are_managed_by_those_with_the_permission(voltfix, dana, rita):
    for nobody in (dana, rita):
        with pytest.raises(PermissionDenied):
            add_user(
                User(email="sam@voltfix.example", name="Sam", role=Role.MANAGER, partner=voltfix),
                by=nobody,
            )
        with pytest.raises(PermissionDenied):
            change_user(dana, fields=["name"], by=nobody)
        with pytest.raises(PermissionDenied):
            invite(dana, by=nobody)


def test_staff_are_managed_by_superusers_only(coordinator, admin_user, dana, voltfix):
    """Else a changed address and a password reset would hand over any account."""
    with pytest.raises(PermissionDenied):
        add_user(User(email="x@chargepoint.example", name="X", role=Role.STAFF), by=coordinator)
    admin_user.email = "mine@chargepoint.example"
    with pytest.raises(PermissionDenied):
        change_user(admin_user, fields=["email"], by=coordinator)
    dana.role, dana.partner = Role.STAFF, None
    with pytest.raises(PermissionDenied):
        change_user(dana, fields=["role", "partner"], by=coordinator)
    coordinator.name = "New Name"
    change_user(coordinator, fields=["name"], by=admin_user)
    assert User.objects.get(pk=coordinator.pk).name == "New Name"
