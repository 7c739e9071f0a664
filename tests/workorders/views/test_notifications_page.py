"""The page Notifications, the bell, and how a person chooses to be notified."""

import datetime as dt
import re

import pytest
from django.urls import reverse

from portal.people.models import Partner, User
from portal.people.roles import Role
from tests.factories import fresh, make_user, make_work_order
from tests.pages import html_of, mismatches
from tests.workorders.services.test_reviewing import book_late
from tests.workorders.views.list_page import text_of
from workorders import services
from workorders.models import Notification
from workorders.models.notifications import kinds_for

PAGE, CHOICES, MAILBOX = "/notifications/", "/notifications/choices/", "/notifications/mailbox/"


def bell(response) -> str:
    found = re.search(r'class="bell".*?<span class="mark">(\d+)', text_of(response), re.DOTALL)
    return found[1] if found else ""


def choices(user: User, **chosen) -> dict[str, str]:
    return dict.fromkeys(kinds_for(user.role), "digest") | {"time_zone": ""} | chosen


@pytest.fixture
def canceled(work_order, staff):
    Notification.objects.all().delete()
    return services.cancel(work_order, comment="The fault <b>cleared</b>.", by=staff)


def test_separator_of_exported_files_is_chosen_with_the_rest(dana, client_of):
    browser = client_of(dana)
    assert dana.csv_separator == "comma"
    assert browser.post(CHOICES, choices(dana, csv_separator="semicolon")).status_code == 302
    assert browser.post(CHOICES, choices(dana)).status_code == 302  # of a page from before
    dana.refresh_from_db()
    assert dana.csv_separator == "semicolon"
    assert browser.post(CHOICES, choices(dana, csv_separator="|")).status_code == 422


def test_page_tells_what_happened_once_as_new(canceled, dana, client_of):
    browser = client_of(dana)
    assert bell(browser.get("/work-orders/")) == "1"
    shown = text_of(browser.get(PAGE))
    assert (
        "Do not go to the site. “The fault <b>cleared</b>.”" in shown
    )  # as text: text_of unescapes
    assert (
        mismatches(
            shown, f'href="/work-orders/{canceled.number}/"', '<span class="mark">New</span>'
        )
        == []
    )
    again = browser.get(PAGE)
    assert bell(again) == ""
    assert '<span class="mark">New</span>' not in text_of(again)


def test_dates_are_times_for_machines(work_order, dana, client_of):
    shown = html_of(client_of(dana).get(PAGE))
    assert '<time datetime="2026-03-05">Thu, Mar 5</time>' in shown
    assert "{2026" not in shown


def test_page_is_about_one_kind_where_that_is_asked(canceled, dana, client_of):
    make_work_order("WO-1")
    browser = client_of(dana)
    assert "WO-1" not in text_of(browser.get(f"{PAGE}?kind=canceled"))
    assert bell(browser.get("/work-orders/")) == "1"  # the other one is still new
    assert "WO-1" in text_of(browser.get(f"{PAGE}?kind=nonsense"))


def test_nobody_reads_what_others_were_told(canceled, omar, tess, staff, client_of):
    for user in (omar, tess, staff):
        assert canceled.number not in text_of(client_of(user).get(PAGE))


def test_of_work_that_went_to_another_partner_only_that_is_told(
    dana, omar, amped, staff, clock, client_of
):
    row = make_work_order("WO-1")
    services.reassign(row, partner=amped, assigned_on=dt.date(2026, 3, 2), by=staff)
    browser = client_of(dana)
    assert bell(browser.get("/work-orders/")) == "2"
    page = text_of(browser.get(PAGE))
    assert page.count("WO-1") == 1
    said = "the work was given to another partner. Do not go there."
    assert mismatches(page, said, without=["/work-orders/WO-1/", "New work order</b>"]) == []
    assert bell(browser.get("/work-orders/")) == ""


@pytest.mark.parametrize("after", ["0", "-1", "99999999999999999999999", "x", "1 OR 1=1"])
def test_a_cursor_that_is_none_of_ours_is_no_error(canceled, dana, client_of, after):
    assert client_of(dana).get(PAGE, {"after": after}).status_code == 200


def test_page_goes_on_after_fifty(clock, dana, client_of):
    for n in range(53):
        make_work_order(f"WO-{n:03}")
    browser = client_of(dana)
    first = text_of(browser.get(PAGE))
    (following,) = re.findall(r'href="(\?[^"]*)" rel="next"', first)
    assert bell(browser.get("/work-orders/")) == "3"
    second = text_of(browser.get(PAGE + following))
    assert bell(browser.get("/work-orders/")) == ""
    assert (first.count("<b>New work order</b>"), second.count("<b>New work order</b>")) == (50, 3)


def test_all_can_be_marked_as_read_at_once(clock, dana, client_of):
    for n in range(53):
        make_work_order(f"WO-{n:03}")
    browser = client_of(dana)
    button = 'action="/notifications/read/"'
    assert button in text_of(browser.get(PAGE))
    answer = browser.post("/notifications/read/")
    assert (answer.status_code, answer.url, bell(browser.get(PAGE))) == (302, PAGE, "")
    assert button not in text_of(browser.get(PAGE))


@pytest.mark.parametrize("count", [1, 3])
def test_page_asks_the_database_equally_often(
    clock, dana, client_of, django_assert_num_queries, count
):
    for n in range(count):
        make_work_order(f"WO-{n}")
    browser = client_of(dana)
    with django_assert_num_queries(4):  # session, user, rows, read
        assert text_of(browser.get(PAGE)).count("<b>New work order</b>") == count


def test_empty_page_says_what_it_would_hold(dana, client_of):
    assert "Nothing yet" in text_of(client_of(dana).get(PAGE))


@pytest.mark.once
@pytest.mark.parametrize("role", Role)
def test_everyone_chooses_among_the_kinds_that_concern_the_role(voltfix, client_of, role):
    user = make_user(
        "someone@voltfix.example", role, partner=None if role == Role.STAFF else voltfix
    )
    browser = client_of(user)
    fields = set(re.findall(r'<input type="radio" name="([^"]+)"', text_of(browser.get(CHOICES))))
    assert fields - {"theme"} == set(kinds_for(role))
    assert browser.post(CHOICES, choices(user, time_zone="Europe/Berlin")).status_code == 302
    user.refresh_from_db()
    assert (set(user.notification_preferences.values()), user.time_zone) == (
        {"digest"},
        "Europe/Berlin",
    )


@pytest.mark.once
@pytest.mark.parametrize(
    "wrong", [{"canceled": "shouting"}, {"time_zone": "Mars/Phobos"}, {"held": ""}]
)
def test_a_choice_that_is_none_is_refused_at_its_field(dana, client_of, wrong):
    response = client_of(dana).post(CHOICES, choices(dana, **wrong))
    dana.refresh_from_db()
    assert (response.status_code, dana.notification_preferences, dana.time_zone) == (422, {}, "")
    assert "field-error" in text_of(response)


def test_dispatchers_share_a_mailbox_on_their_own_domain(dana, voltfix, client_of):
    browser = client_of(dana)
    refused = browser.post(MAILBOX, {"shared_mailbox": "all@evil.example"})
    assert (
        refused.status_code,
        mismatches(text_of(refused), "Addresses of VoltFix must end with @voltfix.example."),
    ) == (422, [])
    assert browser.post(MAILBOX, {"shared_mailbox": "all@voltfix.example"}).status_code == 302
    assert Partner.objects.get(pk=voltfix.pk).shared_mailbox == "all@voltfix.example"
    assert browser.post(MAILBOX, {"shared_mailbox": ""}).status_code == 302
    assert Partner.objects.get(pk=voltfix.pk).shared_mailbox == ""


def test_a_mailbox_is_not_for_technicians_and_staff(tess, staff, client_of):
    for user in (tess, staff):
        assert (
            client_of(user).post(MAILBOX, {"shared_mailbox": "x@voltfix.example"}).status_code
            == 403
        )
        assert "Shared mailbox" not in text_of(client_of(user).get(CHOICES))


def test_a_link_of_a_mail_asks_for_a_login_first(canceled, client):
    assert client.get(f"/work-orders/{canceled.number}/").status_code == 302


def test_reading_is_not_for_machines_that_only_look(canceled, dana, client_of):
    browser = client_of(dana)
    browser.head(PAGE)
    assert bell(browser.get("/work-orders/")) == "1"


def test_staff_are_led_to_the_review(work_order, dana, staff, client_of):
    book_late(work_order, dana)
    shown = text_of(client_of(staff).get(PAGE))
    assert (
        f'href="{reverse("admin:workorders_missedslareason_changelist")}?review=waiting"' in shown
    )
    assert fresh(work_order).appointment is not None
