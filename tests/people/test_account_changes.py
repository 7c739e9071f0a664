"""What is changed of an account is told by mail and ends what it should, whoever changed it."""

import datetime as dt
from io import StringIO

import pytest
import time_machine
from django.contrib.auth.models import Group
from django.core.management import call_command
from django.test import Client
from django.urls import reverse

from portal.audit.models import AuditEntry
from portal.outbox.models import Message
from portal.people.devices import browser_of
from portal.people.models import LoginSession, User
from portal.people.roles import Role
from portal.people.services import change_user
from portal.people.sessions import forget_ended_sessions
from portal.people.technicians import let_go, onboard_technician
from portal.people.tokens import invitation_token
from tests.factories import make_admin, make_staff
from tests.pages import html_of, mismatches
from tests.people.test_login import log_in
from tests.people.test_password_reset import choose, link_for

pytestmark = [pytest.mark.once, pytest.mark.django_db]

MORNING = dt.datetime(2026, 3, 2, 17, tzinfo=dt.UTC)
NEW = dict.fromkeys(("password1", "password2"), "brass-Kettle-7741")
FIREFOX = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:133.0) Gecko/20100101 Firefox/133.0"


def told() -> list[tuple[str, str]]:
    """To whom each mail about a change went, and its second paragraph."""
    rows = Message.objects.filter(key__startswith="account-change").order_by("pk")
    return sorted((row.to, row.body.split("\n\n")[1]) for row in rows)


def is_in(browser: Client) -> bool:
    return browser.get("/security/").status_code == 200


# --- Mails
def test_a_new_address_is_told_to_the_old_one_and_the_new(dana, admin_user):
    dana.email = "dana.w@voltfix.example"
    change_user(dana, fields=["email", "name"], by=admin_user)
    what = (
        "The e-mail address that you log in with is now dana.w@voltfix.example, in the Partner"
        " Portal of ChargePoint, by Admin."
    )
    assert told() == [("dana.w@voltfix.example", what), ("dana@voltfix.example", what)]
    assert [entry.note for entry in AuditEntry.objects.filter(event="email-changed")] == [""]


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"role": Role.MANAGER}, ["Your role is now Partner manager of VoltFix"]),
        ({"is_active": False}, []),
        ({"phone": "+1 510 555 0100"}, []),
    ],
)
def test_a_new_role_is_told(dana, admin_user, changes, said):
    for name, value in changes.items():
        setattr(dana, name, value)
    change_user(dana, fields=list(changes), by=admin_user)
    assert [sentence.partition(",")[0] for _, sentence in told()] == said


def test_groups_and_all_rights_are_told(client_of):
    staff, group = make_staff(), Group.objects.create(name="Readers")
    form = {"email": staff.email, "name": staff.name, "role": "staff", "is_active": "on"}
    form |= {"is_superuser": "on", "groups": group.pk}
    path = reverse("admin:people_user_change", args=[staff.pk])
    assert client_of(make_admin()).post(path, form).status_code == 302
    said = (
        "Your role is now Staff with all rights in Readers, in the Partner Portal of ChargePoint,"
        " by Admin."
    )
    assert (staff.email, said) in told()


def test_a_new_password_is_told_however_it_was_chosen(client, client_of, dana, tess, staff):
    choose(client, link_for(client, dana.email))
    User.objects.filter(pk=tess.pk).update(password="!never-chosen")
    token = invitation_token(User.objects.get(pk=tess.pk))
    client.post(f"/invitations/{token}/", NEW)
    browser = client_of(staff)
    assert browser.get("/admin/password_change/").url == "/security/password/"
    assert browser.post("/security/password/", NEW).url == "/security/"
    what = (
        "Your password was changed, in the Partner Portal of ChargePoint, by you or in your name."
    )
    assert told() == [(person.email, what) for person in (dana, staff, tess)]
    entries = AuditEntry.objects.filter(event="password-changed")
    assert {entry.person for entry in entries} == {dana, tess, staff}


def test_a_new_password_is_told_where_it_was_typed_on_the_server(dana, monkeypatch):
    monkeypatch.setattr("getpass.getpass", lambda prompt: "brass-Kettle-7741")
    call_command("changepassword", dana.email, stdout=StringIO())
    what = "Your password was changed, in the Partner Portal of ChargePoint, on the server."
    assert told() == [(dana.email, what)]
    dana.refresh_from_db()
    assert dana.check_password("brass-Kettle-7741")


# --- The password, on one's own page
def test_a_new_password_ends_all_sessions_but_this_one(client_of, dana):
    here, elsewhere = client_of(dana), client_of(dana)
    refused = here.post("/security/password/", dict.fromkeys(NEW, "qwertyuiopas"))
    assert (refused.status_code, mismatches(refused, "too easy to guess")) == (422, [])
    here.post("/security/password/", NEW)
    assert [is_in(here), is_in(elsewhere)] == [True, False]
    assert log_in(Client(), dana.email, "brass-Kettle-7741").url == "/"


# --- Sessions
def test_my_sessions_are_those_where_i_am_logged_in(client_of, dana, omar):
    with time_machine.travel(MORNING, tick=False) as clock:
        log_in(Client(), dana.email, headers={"user-agent": FIREFOX}, REMOTE_ADDR="10.1.2.3")
        client_of(omar)
        clock.shift(3600)
        browser = client_of(dana)
        page = html_of(browser.get("/security/"))
    assert page.count("logged in <time") == 2
    assert (
        mismatches(
            page,
            "Firefox on Windows",
            '10.1.2.3 · logged in <time datetime="2026-03-02T17:00:00Z">',
            "Mon, Mar 2, 17:00 UTC",
            "A browser</b> · this one",
        )
        == []
    )


@pytest.mark.parametrize("count", [1, 3])
def test_the_page_takes_the_same_queries_for_any_number(
    client_of, dana, count, django_assert_num_queries
):
    for _ in range(count):
        browser = client_of(dana)
    with django_assert_num_queries(5):  # session, person, factors twice, sessions
        browser.get("/security/")


def test_log_out_everywhere_ends_them_all(client_of, dana, omar):
    here, elsewhere, other = client_of(dana), client_of(dana), client_of(omar)
    assert here.post("/security/sessions/end/").url == "/login/"
    assert [is_in(here), is_in(elsewhere), is_in(other)] == [False, False, True]
    entry = AuditEntry.objects.get(event="sessions-ended")
    assert (entry.by, entry.person) == (dana, dana)


def test_a_session_stays_dead_when_its_person_is_active_again(client_of, dana, admin_user):
    browser = client_of(dana)
    for is_active in (False, True):
        dana.is_active = is_active
        change_user(dana, fields=["is_active"], by=admin_user)
    assert not is_in(browser)
    assert log_in(browser, dana.email).url == "/"


def test_so_does_that_of_a_technician_who_is_onboarded_again(client_of, dana, tess):
    browser = client_of(tess)
    let_go(tess, by=dana)
    onboard_technician(email=tess.email, name=tess.name, phone="+1 415 555 0188", by=dana)
    assert LoginSession.objects.filter(user=tess).count() == 0
    assert not is_in(browser)


def test_sessions_that_are_over_are_forgotten(client_of, dana, omar):
    client_of(dana)
    with time_machine.travel(dt.datetime.now(tz=dt.UTC) + dt.timedelta(hours=13)):
        client_of(omar)
        forget_ended_sessions()
    assert [session.user for session in LoginSession.objects.all()] == [omar]


@pytest.mark.parametrize(
    ("said", "name"),
    [
        (FIREFOX, "Firefox on Windows"),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) Version/18.1 Safari/604.1",
         "Safari on iPhone"),
        ("Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/131.0 Safari/537.36 Edg/131",
         "Edge on Linux"),
        ("curl/8.1", "A browser"),
        ("", "A browser"),
    ],
)  # fmt: skip
def test_a_browser_is_named_by_its_own_words(rf, said, name):
    assert browser_of(rf.get("/", headers={"user-agent": said})) == name
