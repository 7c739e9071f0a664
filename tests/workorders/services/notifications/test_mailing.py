"""From notifications to mails: what cannot wait within minutes, the rest at 7:00; one mail for a
person and a cause.
"""

import datetime as dt
import email
import email.policy
import zoneinfo

import pytest
from django.core import mail
from django.test import override_settings

from portal.outbox.models import Message
from portal.outbox.sender import send_due
from portal.people.models import User
from portal.people.roles import Role
from portal.people.services import choose_notifications
from tests.factories import fresh, make_accepted, make_user, make_work_order, ship
from tests.pages import mismatches
from tests.threads import at_once
from workorders import services
from workorders.models import Notification
from workorders.services.notifications.mailing import SHOWN, last_digest, write_mails

OF_PORTAL = " – Partner Portal of ChargePoint"
MINUTE, DAY = dt.timedelta(minutes=1), dt.timedelta(days=1)


@pytest.fixture
def no_notifications(work_order, dana, staff, clock) -> None:
    Notification.objects.all().delete()


def subjects() -> list[tuple[str, str]]:
    return [(message.to, message.subject) for message in Message.objects.order_by("pk")]


def test_what_cannot_wait_is_one_mail_however_many_work_orders(
    no_notifications, work_order, dana, staff, clock
):
    other = make_accepted(dana)
    for row in (work_order, other):
        services.hold(fresh(row), reason="Permit", stops_clock=False, by=staff)
        clock.shift(20)
    assert write_mails() == 0  # more may come
    clock.shift(60)
    assert (write_mails(), write_mails()) == (1, 0)
    assert subjects() == [("dana@voltfix.example", f"On hold (2){OF_PORTAL}")]
    body = Message.objects.get().body
    assert [line for line in body.splitlines() if line.startswith("http")] == [
        f"http://127.0.0.1:8000/work-orders/{row.number}/" for row in (work_order, other)
    ]


def test_one_work_order_is_in_the_subject(no_notifications, work_order, staff, clock):
    services.cancel(work_order, comment="The fault cleared.", by=staff)
    clock.shift(60)
    assert write_mails() == 1
    assert subjects() == [("dana@voltfix.example", f"{work_order.number}: Canceled{OF_PORTAL}")]


def test_different_causes_are_different_mails(no_notifications, work_order, dana, staff, clock):
    services.hold(make_accepted(dana), reason="Permit", stops_clock=False, by=staff)
    services.cancel(fresh(work_order), comment="The fault cleared.", by=staff)
    clock.shift(60)
    assert write_mails() == 2


def test_the_rest_waits_for_seven_in_the_morning_at_the_site(no_notifications, dana, clock):
    """It is Monday, 9:00 in San Francisco."""
    row = make_accepted(make_user("dora@voltfix.example", partner=dana.partner))
    make_work_order("WO-2")
    ship(row, "FSO-2", carrier="", service="", estimated_delivery_on=dt.date(2026, 3, 4))
    clock.move_to(dt.datetime(2026, 3, 3, 14, 59, tzinfo=dt.UTC))
    assert write_mails() == 0
    clock.move_to(dt.datetime(2026, 3, 3, 15, 0, tzinfo=dt.UTC))
    assert write_mails() == 2
    assert subjects() == [
        (to, f"Tue, Mar 3: New work order (2), Parts shipped{OF_PORTAL}")
        for to in ("dana@voltfix.example", "dora@voltfix.example")
    ]
    assert "New work order (2)\n" in Message.objects.first().body
    assert "Parts shipped\n" in Message.objects.first().body


def test_the_digest_says_nothing_of_parts_on_their_way_that_have_come(
    no_notifications, work_order, dana, staff, clock
):
    clock.shift(60)
    ship(work_order, carrier="", service="", estimated_delivery_on=dt.date(2026, 3, 6))
    services.hold(fresh(work_order), reason="Permit", stops_clock=False, by=staff)
    services.resume(fresh(work_order), by=staff)
    ship(work_order, status="delivered", delivered_on=dt.date(2026, 3, 2))
    clock.shift(24 * 3600)
    write_mails()
    bodies = "".join(Message.objects.values_list("body", flat=True))
    told = ("was delivered on", "Work can continue")
    assert mismatches(bodies, *told, without=["moved from Wed, Mar 4", "is on hold"]) == []


def test_the_digest_comes_in_the_morning_that_the_person_chose(no_notifications, dana, clock):
    choose_notifications(dana, notification_preferences={}, time_zone="Europe/Berlin")
    make_work_order("WO-1")
    clock.move_to(dt.datetime(2026, 3, 3, 5, 59, tzinfo=dt.UTC))
    assert write_mails() == 0
    clock.move_to(dt.datetime(2026, 3, 3, 6, 0, tzinfo=dt.UTC))
    assert write_mails() == 1


def test_a_worker_that_slept_sends_the_digest_when_it_wakes_and_no_second_one(
    no_notifications, dana, clock
):
    make_work_order("WO-1")
    clock.move_to(dt.datetime(2026, 3, 4, 3, 0, tzinfo=dt.UTC))  # Tuesday evening
    assert (write_mails(), write_mails()) == (1, 0)
    make_work_order("WO-2")
    clock.shift(5 * 60)
    assert write_mails() == 0  # after seven, so tomorrow


@pytest.mark.parametrize(
    ("now", "hour"),
    [((2026, 3, 8, 14), 14), ((2026, 3, 8, 13), 15), ((2026, 11, 1, 15), 15)],  # 14 UTC is 7:00 PDT
)
def test_seven_is_seven_on_the_days_that_clocks_change(now, hour):
    last = last_digest(dt.datetime(*now, tzinfo=dt.UTC), zoneinfo.ZoneInfo("America/Los_Angeles"))
    assert (last.hour, last.astimezone(dt.UTC).hour) == (7, hour)


def test_a_shared_mailbox_gets_what_its_dispatchers_would(
    no_notifications, work_order, dana, tess, staff, clock
):
    dana.partner.shared_mailbox = "dispatch@voltfix.example"
    dana.partner.save()
    services.cancel(work_order, comment="The fault cleared.", by=staff)
    clock.shift(60)
    assert write_mails() == 1
    assert [to for to, _ in subjects()] == ["dispatch@voltfix.example"]
    assert "This goes to the shared mailbox of VoltFix." in Message.objects.get().body


def test_what_is_not_true_or_not_theirs_any_more_is_not_sent(
    no_notifications, dana, omar, staff, amped, clock
):
    row = make_work_order("WO-1")
    services.reassign(row, partner=amped, assigned_on=dt.date(2026, 3, 2), by=staff)
    clock.shift(24 * 3600)
    assert write_mails() == 2
    assert subjects() == [
        ("dana@voltfix.example", f"WO-1: Given to another partner{OF_PORTAL}"),
        ("omar@amped.example", f"WO-1: New work order{OF_PORTAL}"),
    ]
    assert "/work-orders/WO-1/" not in Message.objects.first().body
    assert Notification.objects.filter(mailed_at=None).count() == 0


def test_a_shared_mailbox_hears_that_the_work_is_gone_unless_it_is_back(
    no_notifications, dana, staff, amped, clock
):
    dana.partner.shared_mailbox = "dispatch@voltfix.example"
    dana.partner.save()
    for number, way in (("WO-1", [amped]), ("WO-2", [amped, dana.partner])):
        row = make_work_order(number)
        for partner in way:
            services.reassign(
                fresh(row), partner=partner, assigned_on=dt.date(2026, 3, 2), by=staff
            )
    clock.shift(60)
    write_mails()
    (message,) = Message.objects.filter(to="dispatch@voltfix.example")
    assert message.subject == f"WO-1: Given to another partner{OF_PORTAL}"


def test_who_is_offboarded_gets_no_more_mail(no_notifications, work_order, dana, staff, clock):
    services.cancel(work_order, comment="The fault cleared.", by=staff)
    User.objects.filter(pk=dana.pk).update(is_active=False)
    clock.shift(60)
    assert (write_mails(), subjects()) == (0, [])


def test_a_long_digest_lists_the_first_and_counts_the_rest(no_notifications, dana, clock):
    for n in range(SHOWN + 5):
        make_work_order(f"WO-{n:04}")
    clock.shift(24 * 3600)
    assert write_mails() == 1
    body = Message.objects.get().body
    assert body.count("http://127.0.0.1:8000/work-orders/") == SHOWN
    assert "and 5 more: " in body


def test_hostile_names_write_no_headers_and_no_markup(no_notifications, dana, staff, clock):
    """Line breaks, 998 characters, markup."""
    hostile = "Late\r\nBcc: evil@evil.example\r\n\r\n<b>" + "x" * 150
    row = make_work_order("WO-1", subject=hostile)
    User.objects.filter(pk=dana.pk).update(name="Dana\r\nBcc: evil@evil.example <b>" + "y" * 60)
    services.cancel(row, comment="<img src=x onerror=alert(1)>\r\n" * 30, by=staff)
    clock.shift(60)
    with override_settings(OPERATOR_NAME="Charge\r\nPoint"):
        assert write_mails() == 1
    assert send_due() == 1
    raw = mail.outbox[0].message().as_bytes()
    sent = email.message_from_bytes(raw, policy=email.policy.default)
    assert (sent["Subject"], sent.get_all("To"), sent.get_all("Bcc")) == (
        "WO-1: Canceled – Partner Portal of Charge Point",
        ["dana@voltfix.example"],
        None,
    )
    assert max(len(line) for line in raw.split(b"\n")) < 998
    page = sent.get_body(("html",)).get_content()
    assert mismatches(page, "&lt;img", without=["<b>", "<img"]) == []
    assert [part.get_content_type() for part in sent.iter_parts()] == ["text/plain", "text/html"]


def test_a_mail_that_cannot_be_written_loses_nothing(
    no_notifications, work_order, staff, clock, monkeypatch
):
    services.cancel(work_order, comment="The fault cleared.", by=staff)
    clock.shift(60)
    with monkeypatch.context() as patched:
        patched.setattr("workorders.services.notifications.mailing.queue_mail", _killed)
        with pytest.raises(KeyboardInterrupt):
            write_mails()
    assert write_mails() == 1


def _killed(**fields):
    raise KeyboardInterrupt


def test_two_workers_write_each_mail_once(real_transactions, voltfix, staff):
    for n in range(6):
        make_user(f"d{n}@voltfix.example", Role.DISPATCHER, partner=voltfix)
    row = make_work_order("WO-1")
    services.cancel(row, comment="The fault cleared.", by=staff)
    Notification.objects.update(at=dt.datetime(2026, 1, 1, tzinfo=dt.UTC))
    written = at_once(*[write_mails] * 3)
    assert (sum(written), Message.objects.count()) == (6, 6)


def test_queries_do_not_grow_with_the_notifications(
    no_notifications, dana, clock, django_assert_num_queries
):
    for days in (1, 2):
        for n in range(4 * days):
            make_work_order(f"WO-{days}{n}")
        clock.shift(24 * 3600)
        with django_assert_num_queries(12):
            assert write_mails() == 1
