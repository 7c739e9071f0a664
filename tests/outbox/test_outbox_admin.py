"""The outbox in the admin: what waits and what was given up, without the links inside."""

import pytest
from django.contrib.auth.models import Permission
from django.core import mail
from django.core.exceptions import PermissionDenied
from django.utils import timezone

from portal.outbox.models import ATTEMPTS, Message
from portal.outbox.sender import send_due
from portal.outbox.services import try_again
from portal.people.models import User
from tests.pages import html_of, mismatches

pytestmark = pytest.mark.once

LIST = "/admin/outbox/message/"


def make_message(subject: str, **fields) -> Message:
    values = {"key": subject, "to": "dana@voltfix.example", "body": "https://secret.example/link"}
    return Message.objects.create(subject=subject, **values | fields)


@pytest.fixture
def three(db) -> list[Message]:
    waiting = make_message("Waiting")
    sent = make_message("Gone out", sent_at=timezone.now(), attempts=1)
    return [
        waiting,
        sent,
        make_message("Lost", attempts=ATTEMPTS, error="SMTPRecipientsRefused: 550"),
    ]


@pytest.fixture
def postmaster(staff) -> User:
    staff.user_permissions.set(Permission.objects.filter(content_type__app_label="outbox"))
    return User.objects.get(pk=staff.pk)


@pytest.mark.parametrize(
    ("state", "subjects"),
    [
        ("waiting", ["Waiting"]),
        ("sent", ["Gone out"]),
        ("given-up", ["Lost"]),
        ("nonsense", ["Lost", "Gone out", "Waiting"]),
    ],
)
def test_list_shows_the_messages_of_a_state(client_of, postmaster, three, state, subjects):
    page = client_of(postmaster).get(LIST, {"state": state})
    assert [message.subject for message in page.context["cl"].result_list] == subjects


def test_message_can_be_read_but_neither_its_links_nor_changed(client_of, postmaster, three):
    browser, page = client_of(postmaster), f"{LIST}{three[2].pk}/change/"
    shown = html_of(browser.get(page))
    assert mismatches(shown, "SMTPRecipientsRefused: 550", without=["secret.example"]) == []
    assert browser.post(page, {"to": "evil@evil.example"}).status_code == 403
    assert browser.post(f"{LIST}{three[2].pk}/delete/", {"post": "yes"}).status_code == 403
    assert browser.get(f"{LIST}add/").status_code == 403


def test_try_again_sends_what_was_given_up_and_nothing_twice(client_of, postmaster, three):
    action = {"action": "try_again", "_selected_action": [three[1].pk, three[2].pk]}
    page = client_of(postmaster).post(LIST, action, follow=True)
    assert "Unsent messages tried again now: 1." in html_of(page)
    assert send_due() == 2
    assert sorted(message.subject for message in mail.outbox) == ["Lost", "Waiting"]


def test_outbox_is_closed_to_staff_without_the_permission(client_of, rita, three):
    assert client_of(rita).get(LIST).status_code == 403
    with pytest.raises(PermissionDenied):
        try_again(Message.objects.all(), by=rita)


@pytest.mark.parametrize("count", [1, 3])
def test_list_costs_the_same_for_one_and_three(
    client_of, admin_user, three, count, django_assert_num_queries
):
    Message.objects.exclude(pk__in=[message.pk for message in three[:count]]).delete()
    browser = client_of(admin_user)
    with django_assert_num_queries(4):
        assert browser.get(LIST).status_code == 200
