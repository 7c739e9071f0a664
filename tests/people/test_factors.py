"""Second factors: who must have one, how they get it, and that nothing leads around it."""

import datetime as dt
import time

import pytest
import time_machine
from allauth.mfa.adapter import get_adapter
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from django.core.management import CommandError, call_command
from django.test import Client

from portal.audit.models import AuditEntry
from portal.outbox.models import Message
from portal.people.factors import factors_of, reset_factors
from portal.people.models import LoginSession, User
from portal.people.roles import Role
from portal.people.services import change_user
from portal.people.tokens import invitation_token
from tests.factories import make_admin, make_staff, make_user, make_voltfix
from tests.pages import html_of, mismatches
from tests.people.test_login import log_in
from tests.people.test_password_reset import choose, link_for
from workorders.services.seeding.people import demo_partners, make_accounts
from workorders.services.setting_up import add_administrator

pytestmark = [pytest.mark.once, pytest.mark.django_db]

MORNING = dt.datetime(2026, 3, 2, 17, tzinfo=dt.UTC)
APP = "/security/authenticator-app/"


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel(MORNING, tick=False) as traveller:
        yield traveller


@pytest.fixture(autouse=True)
def required(settings) -> None:
    settings.MFA_REQUIRED = True


@pytest.fixture
def mia(db) -> User:
    return make_user("mia@voltfix.example", Role.MANAGER, partner=make_voltfix())


def code_of(secret: str, steps: int = 0) -> str:
    """What an app shows so many half minutes from now."""
    return format_hotp_value(hotp_value(secret, int(time.time()) // 30 + steps))


def enrol(browser: Client) -> str:
    """Set an app up, as on the page; returns its secret."""
    browser.get(APP)
    secret = browser.session["secret-of-app"]
    assert browser.post(APP, {"code": code_of(secret)}).url == "/security/recovery-codes/"
    return secret


def enrolled(person: User) -> tuple[Client, str]:
    """A browser in which this person is logged in with an app, and the app's secret."""
    browser = Client()
    log_in(browser, person.email)
    return browser, enrol(browser)


def kept() -> list[tuple[str, str]]:
    """What the audit says, but for logins with a password."""
    rows = AuditEntry.objects.order_by("pk").exclude(event="logged-in", note="")
    return list(rows.values_list("event", "note"))


# --- Whoever must have one
@pytest.mark.parametrize("role", ["staff", "manager", "superuser"])
def test_who_must_have_a_factor_sets_one_up_before_any_other_page(role, mia, clock):
    person = {"staff": make_staff, "manager": lambda: mia, "superuser": make_admin}[role]()
    browser = Client()
    assert log_in(browser, person.email).url == "/"
    for path in ("/", "/work-orders/", "/admin/", "/notifications/choices/", "/security/password/"):
        assert browser.get(path).url == "/security/"
        assert browser.post(path).url == "/security/"
    fragment = browser.get("/work-orders/", headers={"hx-request": "true"})
    assert (fragment.status_code, fragment.headers["HX-Redirect"]) == (401, "/security/")
    page = browser.get("/security/")
    assert mismatches(page, "Your role needs a second factor", without=["My sessions"]) == []
    enrol(browser)
    codes = html_of(browser.get("/security/recovery-codes/"))
    assert codes.count("<code>") == 10
    assert browser.get("/notifications/choices/").status_code == 200


@pytest.mark.parametrize("role", [Role.DISPATCHER, Role.TECHNICIAN])
def test_others_may_have_one_and_give_it_then(role):
    person = make_user("pat@voltfix.example", role, partner=make_voltfix())
    browser = Client()
    log_in(browser, person.email)
    assert browser.get("/notifications/choices/").status_code == 200
    enrol(browser)
    assert log_in(Client(), person.email).url == "/login/code/"


def test_nobody_must_where_it_is_not_required(settings, mia):
    settings.MFA_REQUIRED = False
    browser = Client()
    log_in(browser, mia.email)
    assert browser.get("/notifications/choices/").status_code == 200


def test_only_accounts_of_the_demo_are_exempt_and_the_admin_says_so(client):
    demo_partners(2)
    make_accounts()
    log_in(client, "admin@chargepoint.example", "demo-Portal-2026")
    page = client.get("/admin/")
    assert mismatches(page, "5 demo accounts can log in with a password that everybody") == []
    User.objects.update(is_demo=False)
    assert client.get("/admin/").url == "/security/"


def test_the_first_administrator_sets_one_up_at_once():
    person = add_administrator("ada@chargepoint.example", "Ada Park")
    browser = Client()
    chosen = dict.fromkeys(("password1", "password2"), "brass-Kettle-7741")
    assert browser.post(f"/invitations/{invitation_token(person)}/", chosen).url == "/"
    assert browser.get("/admin/").url == "/security/"
    enrol(browser)
    assert browser.get("/admin/").status_code == 200


def test_who_becomes_a_manager_sets_one_up_with_the_next_request(dana, admin_user):
    browser = Client()
    log_in(browser, dana.email)
    dana.role = Role.MANAGER
    change_user(dana, fields=["role"], by=admin_user)
    assert browser.get("/work-orders/").url == "/security/"


def test_a_page_asks_nothing_more_for_it(mia, django_assert_num_queries):
    browser, _ = enrolled(mia)
    browser.get("/notifications/choices/")
    with django_assert_num_queries(2):  # the session and the person
        browser.get("/notifications/choices/")


# --- Logging in with it
def test_a_login_asks_for_the_code_and_takes_each_once(clock, mia):
    _, secret = enrolled(mia)
    clock.shift(30)
    browser = Client()
    assert log_in(browser, mia.email).url == "/login/code/"
    assert browser.get("/work-orders/").url.startswith("/login/")
    refused = browser.post("/login/code/", {"code": "000000"})
    assert mismatches(refused, "That is not the right code.") == []
    assert browser.post("/login/code/", {"code": code_of(secret)}).url == "/"
    assert browser.get("/notifications/choices/").status_code == 200
    again = Client()
    log_in(again, mia.email)
    for seconds in (0, 30):  # it would still be good for a clock that is slow
        clock.shift(seconds)
        steps = -seconds // 30
        assert again.post("/login/code/", {"code": code_of(secret, steps)}).status_code == 200
    assert again.post("/login/code/", {"code": code_of(secret)}).url == "/"


def test_a_recovery_code_is_good_for_one_login(mia):
    enrolled(mia)
    code = factors_of(mia).codes[3]
    first, second = Client(), Client()
    log_in(first, mia.email)
    assert first.post("/login/code/", {"code": code}).url == "/"
    log_in(second, mia.email)
    assert second.post("/login/code/", {"code": code}).status_code == 200
    assert len(factors_of(mia).codes) == 9


def test_codes_are_guessed_five_times_and_never_closed(clock, mia):
    """By whoever knows the password; a device that logged in before has tries of its own."""
    known, secret = enrolled(mia)
    known.post("/logout/")
    clock.shift(30)
    thief = Client()
    log_in(thief, mia.email)
    found = [thief.post("/login/code/", {"code": "000000"}).status_code for _ in range(6)]
    assert found == [200] * 5 + [429]
    log_in(known, mia.email)
    assert known.post("/login/code/", {"code": code_of(secret)}).url == "/"
    clock.shift(360)
    assert thief.post("/login/code/", {"code": code_of(secret)}).url == "/"


@pytest.mark.parametrize(
    "sent", [{}, {"credential": "x"}, {"credential": '{"id": 1}'}, {"code": ""}]
)
def test_what_is_no_code_is_refused(mia, sent):
    enrolled(mia)
    browser = Client()
    log_in(browser, mia.email)
    assert browser.post("/login/code/", sent).status_code == 200
    assert browser.get("/work-orders/").status_code == 302


def test_neither_a_reset_nor_an_invitation_leads_around_it(client, mia):
    enrolled(mia)
    mine = Client()
    assert choose(mine, link_for(mine, mia.email)).url == "/password/reset/done/"
    assert mine.get("/work-orders/").url.startswith("/login/")
    assert log_in(mine, mia.email, "brass-Kettle-7741").url == "/login/code/"
    User.objects.filter(pk=mia.pk).update(password="!never-chosen")
    mia.refresh_from_db()
    chosen = dict.fromkeys(("password1", "password2"), "brass-Kettle-7742")
    other = Client()
    other.force_login(make_staff())
    assert other.post(f"/invitations/{invitation_token(mia)}/", chosen).url == "/login/code/"
    assert other.get("/login/code/").status_code == 200


# --- Changing it
def test_changes_need_a_login_of_the_last_quarter_of_an_hour(clock, mia):
    browser, _ = enrolled(mia)
    clock.shift(901)
    for path in (APP, "/security/recovery-codes/", "/security/password/"):
        assert browser.get(path).url == browser.post(path).url == "/security/"
    factor = factors_of(mia).app
    assert browser.post(f"/security/factors/{factor.pk}/remove/").url == "/security/"
    page = browser.get("/security/")
    assert mismatches(page, "log in once more", without=["Remove", "Show them"]) == []
    assert factors_of(mia).app == factor


def test_a_session_without_the_factor_changes_none(mia, client_of):
    enrolled(mia)
    browser = client_of(mia)  # by no login that there is
    assert browser.get(APP).url == "/security/"


def test_the_last_factor_stays_with_whoever_must_have_one(mia):
    browser, _ = enrolled(mia)
    remove = f"/security/factors/{factors_of(mia).app.pk}/remove/"
    assert "You must have a second factor" in html_of(browser.post(remove, follow=True))
    assert factors_of(mia).app is not None


def test_others_take_theirs_away_and_the_codes_go_too(dana, omar):
    browser, _ = enrolled(dana)
    app = factors_of(dana).app
    theirs, _ = enrolled(omar)
    assert theirs.post(f"/security/factors/{app.pk}/remove/").status_code == 404
    browser.post(f"/security/factors/{app.pk}/remove/")
    assert list(Authenticator.objects.filter(user=dana)) == []
    assert log_in(Client(), dana.email).url == "/"
    User.objects.filter(pk=dana.pk).update(role=Role.MANAGER)
    assert browser.get("/work-orders/").url == "/security/"


def test_new_recovery_codes_take_the_place_of_the_old_ones(mia):
    browser, _ = enrolled(mia)
    before = factors_of(mia).codes
    browser.post("/security/recovery-codes/")
    assert set(factors_of(mia).codes) & set(before) == set()


def test_a_wrong_first_code_adds_nothing_and_keeps_the_picture(mia):
    browser = Client()
    log_in(browser, mia.email)
    browser.get(APP)
    secret = browser.session["secret-of-app"]
    refused = browser.post(APP, {"code": "000000"})
    assert (refused.status_code, mismatches(refused, "not the right code", secret[:4])) == (422, [])
    assert not factors_of(mia).has_any
    assert browser.post(APP, {"code": code_of(secret)}).status_code == 302
    assert browser.post(APP, {"code": code_of(secret)}).status_code == 422


def test_the_app_names_the_portal_and_not_a_host_header(mia):
    found = get_adapter().build_totp_url(mia, "SECRET")
    wanted = "otpauth://totp/mia%40voltfix.example?secret=SECRET"
    assert found == f"{wanted}&issuer=Partner%20Portal%20of%20ChargePoint"


def test_a_factor_ends_other_sessions_and_is_audited_and_mailed(mia):
    before = Client()
    log_in(before, mia.email)
    browser, _ = enrolled(mia)
    assert before.get("/security/").url.startswith("/login/")
    assert browser.get("/security/").status_code == 200
    log_in(Client(), mia.email)
    assert kept() == [("factor-added", "authenticator app")]
    message = Message.objects.get()
    assert message.to == mia.email
    assert "A second factor was added to your account: authenticator app" in message.body


# --- Lost
def test_reset_factors_takes_all_away_and_ends_the_sessions(mia, capsys):
    browser, _ = enrolled(mia)
    call_command("reset_factors", " Mia@VoltFix.example")
    assert "Mia has no second factor any more; there were 1." in capsys.readouterr().out
    assert browser.get("/security/").url.startswith("/login/")
    assert Authenticator.objects.count() == LoginSession.objects.filter(user=mia).count() == 0
    assert kept()[-1] == ("factors-reset", "")
    assert "taken away, in the Partner Portal" in Message.objects.latest("pk").body
    anew = Client()
    assert log_in(anew, mia.email).url == "/"
    assert anew.get("/work-orders/").url == "/security/"
    with pytest.raises(CommandError, match="Nobody logs in with"):
        call_command("reset_factors", "nobody@voltfix.example")


def test_a_login_with_a_factor_and_a_wrong_one_are_audited(clock, mia):
    _, secret = enrolled(mia)
    clock.shift(30)
    browser = Client()
    log_in(browser, mia.email)
    browser.post("/login/code/", {"code": "000000"})
    browser.post("/login/code/", {"code": code_of(secret)})
    assert kept()[1:] == [("login-failed", "second factor"), ("logged-in", "with totp")]


def test_erased_and_reset_people_have_none(mia, admin_user):
    enrolled(mia)
    assert reset_factors(mia, by=admin_user) == 1
    assert AuditEntry.objects.filter(event="factors-reset", by=admin_user, person=mia).exists()
    assert "by Admin." in Message.objects.latest("pk").body
