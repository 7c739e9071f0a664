"""The outbox: one event is one message, sent at least once, and none holds up the others."""

import datetime as dt
import email
import logging
import smtplib

import pytest
import time_machine
from django.core import mail
from django.core.mail.backends.locmem import EmailBackend
from django.db import transaction
from django.utils import timezone

from portal.outbox import tasks
from portal.outbox.models import Message, State
from portal.outbox.sender import send_due
from portal.outbox.services import queue_mail
from tests.threads import at_once

NOON = dt.datetime(2026, 3, 2, 12, tzinfo=dt.UTC)


class Picky(EmailBackend):
    """A mail server that refuses some recipients, and loses the connection over it."""

    def send_messages(self, messages):
        if any("refused" in message.to[0] for message in messages):
            raise smtplib.SMTPServerDisconnected("550 no such person")
        return super().send_messages(messages)


class Down(EmailBackend):
    def open(self):
        raise ConnectionRefusedError("nobody listens")


@pytest.fixture
def picky(settings):
    settings.EMAIL_BACKEND = f"{__name__}.Picky"


def queue(n: int = 1, to: str = "dana@voltfix.example") -> Message:
    return queue_mail(key=f"event-{n}", to=to, subject=f"Subject {n}", body="Body")


def test_queue_mail_makes_one_message_of_one_event(db):
    assert queue() == queue()
    assert Message.objects.count() == 1


def test_queue_mail_is_undone_with_the_transaction_that_caused_it(db):
    with transaction.atomic():
        queue()
        transaction.set_rollback(True)
    assert Message.objects.count() == 0


def test_queue_mail_lets_nobody_write_headers(db):
    text = "Late\r\nBcc: evil@evil.example\r\n\r\nBody"
    queue_mail(
        key="a\r\nX: y", to="dana@voltfix.example\r\n", subject=text + "é" * 1000, body="Hello\n"
    )
    assert send_due() == 1
    sent = email.message_from_bytes(mail.outbox[0].message().as_bytes())
    assert (sent.get_all("To"), sent.get_all("Bcc"), sent.get_all("X")) == (
        ["dana@voltfix.example"],
        None,
        None,
    )
    assert max(len(line) for line in mail.outbox[0].message().as_bytes().split(b"\n")) < 998


def test_queue_mail_wakes_the_worker_after_the_commit(
    db, monkeypatch, django_capture_on_commit_callbacks
):
    woken = []
    monkeypatch.setattr(tasks, "send_now", lambda: woken.append(Message.objects.count()))
    with django_capture_on_commit_callbacks(execute=True):
        queue()
        assert woken == []
    assert woken == [1]


def test_queue_mail_needs_no_queue(db, monkeypatch, django_capture_on_commit_callbacks):
    def down():
        raise ConnectionRefusedError

    monkeypatch.setattr(tasks, "send_now", down)
    with django_capture_on_commit_callbacks(execute=True):
        queue()
    tasks.sweep.call_local()
    assert [message.subject for message in mail.outbox] == ["Subject 1"]


def test_send_due_sends_each_message_once(db, settings):
    queue(1), queue(2)
    assert (send_due(), send_due()) == (2, 0)
    assert [message.subject for message in mail.outbox] == ["Subject 1", "Subject 2"]
    assert mail.outbox[0].extra_headers["Message-ID"] == "<event-1@127.0.0.1>"
    name = f"Partner Portal of {settings.OPERATOR_NAME}"
    assert mail.outbox[0].from_email == f"{name} <{settings.DEFAULT_FROM_EMAIL}>"
    assert mail.outbox[0].extra_headers["X-Auto-Response-Suppress"] == "All"
    assert {message.state for message in Message.objects.all()} == {State.SENT}


@pytest.mark.parametrize(
    ("address", "sent"),
    [
        ("Charging desk <desk@portal.example>", "Charging desk <desk@portal.example>"),
        ("desk@portal.example", '"Partner Portal of Charge, Inc." <desk@portal.example>'),
    ],
)
def test_a_mail_is_from_a_name(db, settings, address, sent):
    settings.DEFAULT_FROM_EMAIL, settings.OPERATOR_NAME = address, "Charge, Inc."
    queue()
    assert send_due() == 1
    assert email.message_from_bytes(mail.outbox[0].message().as_bytes())["From"] == sent


def test_send_due_sends_no_more_than_its_limit_and_the_sweep_sends_all(db):
    for n in range(5):
        queue(n)
    assert send_due(limit=2) == 2
    tasks.sweep.call_local()
    assert len(mail.outbox) == 5


def test_send_due_goes_on_after_a_message_that_cannot_be_sent(db, picky):
    queue(1, to="refused@voltfix.example"), queue(2)
    Message.objects.create(key="bad", to="dana@voltfix.example", subject="Two\nlines", body="Body")
    queue(3)
    assert send_due() == 2
    assert [message.subject for message in mail.outbox] == ["Subject 2", "Subject 3"]
    errors = Message.objects.filter(sent_at=None).order_by("pk").values_list("error", flat=True)
    assert [error.partition(":")[0] for error in errors] == [
        "SMTPServerDisconnected",
        "BadHeaderError",
    ]


def test_send_due_tries_five_times_and_then_gives_up(db, picky):
    with time_machine.travel(NOON, tick=False) as clock:
        message = queue(1, to="refused@voltfix.example")
        pauses = []
        for _ in range(5):
            send_due()
            message.refresh_from_db()
            pauses.append(int((message.due_at - timezone.now()).total_seconds()) // 60)
            assert send_due() == 0  # not before the pause is over
            clock.move_to(message.due_at)
        assert pauses[:4] == [1, 5, 30, 120]
        assert (message.attempts, message.state) == (5, State.GIVEN_UP)
        clock.shift(dt.timedelta(days=9))
        send_due()
        message.refresh_from_db()
        assert message.attempts == 5


def test_send_due_blames_no_message_for_a_server_that_is_down(db, settings, caplog):
    queue()
    settings.EMAIL_BACKEND = f"{__name__}.Down"
    with caplog.at_level(logging.CRITICAL):
        assert [send_due() for _ in range(9)] == [0] * 9
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    assert (Message.objects.get().attempts, send_due()) == (0, 1)


def test_message_of_a_worker_that_died_is_sent_again_under_its_name(db, monkeypatch):
    with time_machine.travel(NOON, tick=False) as clock:
        queue()
        with monkeypatch.context() as patched:
            patched.setattr(EmailBackend, "send_messages", _killed)
            with pytest.raises(KeyboardInterrupt):
                send_due()
        assert (send_due(), Message.objects.get().error) == (
            0,
            "The worker stopped in the middle of this attempt.",
        )
        clock.shift(61)
        assert send_due() == 1
    assert [message.extra_headers["Message-ID"] for message in mail.outbox] == [
        "<event-1@127.0.0.1>"
    ]


def _killed(backend, messages):
    raise KeyboardInterrupt


def test_two_workers_send_nothing_twice(real_transactions):
    for n in range(20):
        queue(n)
    counts = at_once(*[send_due] * 4)
    assert (sum(counts), len({message.subject for message in mail.outbox}), len(mail.outbox)) == (
        20,
        20,
        20,
    )
