"""Twice is once: a form that is sent again gets the first answer, and is written once."""

import datetime as dt
import re
import uuid

import pytest
from django.contrib.messages import get_messages
from django.db import OperationalError
from django.urls import reverse

from portal.people.models import Partner, SentForm, User
from portal.people.services import forget_sent_forms
from tests.factories import SHIP_TO, fresh, make_accepted, make_entitlement, make_work_order
from tests.pages import html_of
from tests.portal.test_urls import addresses
from tests.test_architecture import TEMPLATES
from tests.workorders.uploads import upload
from workorders.models import WorkOrder
from workorders.services import update_work_order
from workorders.services.thread import Comment

FORM = re.compile(r"<form[^>]*method=\"post\".*?</form>", re.DOTALL)
KEY = re.compile(r'name="form_key" value="([\w-]{16})"')


@pytest.fixture
def assigned(clock, dana) -> WorkOrder:
    return make_work_order(partner=dana.partner, line_items=("Lock out", "Replace"))


def address(row: WorkOrder, name: str) -> str:
    return reverse(name, args=[row.number])


def without_token(page) -> str:
    """Each page has the same token in another disguise."""
    return re.sub(r'name="csrfmiddlewaretoken" value="\w+"', "", page.content.decode())


def said(answer) -> list[str]:
    return [str(message) for message in get_messages(answer.wsgi_request)]


def test_comment_sent_again_is_one_and_has_the_same_answer(assigned, danas):
    form = {"body": "Which gate?", "form_key": "k1"}
    first, again = (danas.post(address(assigned, "comment"), form) for _ in range(2))
    assert (first.status_code, first.url) == (again.status_code, again.url)
    assert [comment.body for comment in assigned.comments.all()] == ["Which gate?"]
    assert "Sent." in said(again)


def test_other_content_under_the_same_key_is_a_new_write(assigned, danas):
    for body in ("Which gate?", "Which door?", "Which gate?"):
        danas.post(address(assigned, "comment"), {"body": body, "form_key": "k1"})
    assert assigned.comments.count() == 2


def test_form_without_a_key_is_a_new_write(assigned, danas):
    for _ in range(2):
        danas.post(address(assigned, "comment"), {"body": "Which gate?"})
    assert assigned.comments.count() == 2


def test_key_of_another_person_is_another_key(assigned, danas, client_of, staff):
    for browser in (danas, client_of(staff)):
        browser.post(address(assigned, "comment"), {"body": "Which gate?", "form_key": "k1"})
    assert assigned.comments.count() == 2


def test_key_is_looked_up_before_the_version(assigned, danas):
    form = SHIP_TO._asdict() | {"version": assigned.version, "form_key": "k1"}
    answers = [danas.post(address(assigned, "accept"), form) for _ in range(2)]
    assert [(answer.status_code, answer.url) for answer in answers] == [
        (302, address(assigned, "work-order"))
    ] * 2
    without = form | {"form_key": "k2"}
    assert danas.post(address(assigned, "accept"), without).status_code == 409


def test_form_that_was_refused_is_not_kept(assigned, danas):
    empty = {"body": " ", "form_key": "k1"}
    answers = [danas.post(address(assigned, "comment"), empty) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [422, 422]
    assert not SentForm.objects.exists()


def test_fragment_sent_again_is_the_same_fragment(assigned, danas):
    form = {"attempt_kind": "call-in-vain", "form_key": "k1"}
    htmx = {"hx-request": "true"}
    pages = [danas.post(address(assigned, "log-contact"), form, headers=htmx) for _ in range(2)]
    assert assigned.contact_attempts.count() == 1
    assert without_token(pages[0]) == without_token(pages[1])


def test_comment_with_a_photo_sent_again_is_one(assigned, danas):
    for _ in range(2):
        form = {"body": "See", "upload_key": uuid.UUID(int=1).hex, "form_key": "k1"}
        danas.post(address(assigned, "comment"), form | {"uploads": [upload()]})
    assert (assigned.comments.count(), assigned.files.count()) == (1, 1)


def test_forms_are_forgotten_after_thirty_days(assigned, danas):
    danas.post(address(assigned, "comment"), {"body": "Which gate?", "form_key": "k1"})
    sent = SentForm.objects.get().at
    assert forget_sent_forms(sent + dt.timedelta(days=29)) == 0
    assert forget_sent_forms(sent + dt.timedelta(days=31)) == 1


def test_what_someone_else_was_faster_with_is_said_by_the_form(admin_user, client_of, monkeypatch):
    """As on PostgreSQL, where the constraint speaks after the form has looked."""
    save, tried = Partner.save_base, []

    def overtaken(self, *args, **kwargs):
        if not tried:
            tried.append(self)
            Partner.objects.bulk_create([Partner(name=self.name)])
        return save(self, *args, **kwargs)

    monkeypatch.setattr(Partner, "save_base", overtaken)
    answer = client_of(admin_user).post("/admin/people/partner/add/", {"name": "Third"})
    assert answer.status_code in (200, 302)
    assert Partner.objects.filter(name="Third").count() <= 1


def test_busy_database_is_answered_with_a_sentence_and_the_form(assigned, danas, monkeypatch):
    def locked(*args, **kwargs):
        raise OperationalError("database is locked")

    monkeypatch.setattr(Comment.objects, "create", locked)
    form = {"body": "Which <gate>?", "form_key": "k1"}
    page = danas.post(address(assigned, "comment"), form)
    assert (page.status_code, page.headers["Retry-After"]) == (503, "5")
    text = html_of(page)
    assert 'name="body" value="Which &lt;gate&gt;?"' in text
    assert 'name="form_key" value="k1"' in text
    htmx = {"hx-request": "true"}
    words = danas.post(address(assigned, "comment"), form, headers=htmx)
    assert (words.status_code, words.content.decode()) == (
        503,
        "The portal is busy just now, and nothing was saved. Try again in a few seconds.",
    )
    monkeypatch.undo()
    assert danas.post(address(assigned, "comment"), form).status_code == 302


def test_database_that_is_not_migrated_is_not_called_busy(assigned, danas, monkeypatch):
    """SQLite has one kind of error for both; the log says which it is."""

    def unmigrated(*args, **kwargs):
        raise OperationalError("no such column: workorders_comment.new")

    monkeypatch.setattr(Comment.objects, "create", unmigrated)
    danas.raise_request_exception = False
    page = danas.post(address(assigned, "comment"), {"body": "Which?", "form_key": "k1"})
    assert page.status_code == 500
    assert "Retry-After" not in page.headers


# --- Every form
@pytest.fixture
def everything(assigned, staff, voltfix) -> WorkOrder:
    return fresh(assigned)


def with_rows(row: WorkOrder) -> list[str]:
    """Every address, with the keys of rows that exist in the places of values."""
    found = []
    for path in sorted(set(addresses())):
        if path.startswith("/work-orders/1/"):
            found.append(path.replace("/1/", f"/{row.number}/", 1))
        else:
            found.append(path.replace("/workorder/1/", f"/workorder/{row.pk}/"))
    return found


@pytest.mark.once
@pytest.mark.parametrize("who", ["dana", "admin_user"])
def test_every_form_that_is_posted_carries_a_key(who, everything, request, client_of):
    person: User = request.getfixturevalue(who)
    browser, without, number = client_of(person), [], 0
    for path in with_rows(everything):
        if path == "/logout/":
            continue
        page = browser.get(path)
        if page.streaming or page.status_code != 200:
            continue
        for form in FORM.findall(page.content.decode()):
            number += 1
            if not KEY.search(form):
                without.append(path)
    assert without == []
    assert number > 35


def test_every_form_of_a_template_has_the_tag_that_brings_the_key():
    forms = [(path.name, form) for path in TEMPLATES for form in FORM.findall(path.read_text())]
    without = {name for name, form in forms if "{% csrf_token %}" not in form}
    assert without == {"503.html"}  # which sends on the key it has
    assert len(forms) > 30


def test_a_question_after_a_write_that_was_rolled_back_is_asked_anew(clock, dana, staff, client_of):
    row = make_accepted(dana, parts_required=False)  # Target SLA Tue, Mar 3
    clock.move_to(dt.datetime(2026, 3, 5, 18, tzinfo=dt.UTC))
    danas = client_of(dana)
    form = {"version": fresh(row).version, "began_at": "2026-03-04T09:00", "form_key": "k1"}
    asked = danas.post(address(row, "complete"), form)
    assert (asked.status_code, SentForm.objects.count()) == (200, 0)
    level = make_entitlement("Assure 3-Day", 3)
    update_work_order(fresh(row), {"entitlement": level}, by=staff)
    again = danas.post(address(row, "complete"), form | {"version": fresh(row).version})
    assert (again.status_code, fresh(row).status) == (302, "completed")
