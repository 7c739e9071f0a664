"""Files in Collaborate: they come with what is said, are kept when something is wrong, and are
nobody's proof.
"""

import pytest
from django.urls import reverse

from tests.pages import html_of
from tests.workorders.uploads import add, upload
from workorders.models import Comment, File
from workorders.services import cancel

pytestmark = pytest.mark.once


@pytest.fixture
def send(work_order, dana, client_of):
    browser = client_of(dana)

    def said(body: str, *names: str, **more):
        data = {
            "body": body,
            "upload_key": "6b0f7c1e-0000-4000-8000-000000000001",
            "uploads": [upload(name=name) for name in names],
        }
        return browser.post(reverse("comment", args=[work_order.number]), data | more)

    return said


def test_files_go_with_what_is_said(work_order, send, staff, client_of):
    assert send("The label is torn", "label.jpg", "label.png").status_code == 302
    said = Comment.objects.get()
    assert [file.name for file in said.files.all()] == ["label.jpg", "label.png"]
    page = html_of(client_of(staff).get(reverse("collaborate", args=[work_order.number])))
    assert "label.jpg" in page
    assert work_order.files.of_the_work().count() == 0


def test_the_same_form_twice_keeps_each_file_once(send):
    send("The label is torn", "label.jpg")
    send("The label is torn", "label.jpg")
    assert File.objects.count() == 1


def test_what_has_arrived_is_kept_when_the_words_are_missing(work_order, send):
    answer = send("", "label.jpg")
    kept = File.objects.get()
    assert answer.status_code == 422
    assert f'name="kept" value="{kept.upload_key}" checked' in html_of(answer)
    send("Here it is", kept=[str(kept.upload_key)])
    assert [file.name for file in Comment.objects.get().files.all()] == ["label.jpg"]


def test_another_persons_file_cannot_be_taken_along(work_order, send, staff, omar):
    theirs = add(work_order, staff, internal=True)
    send("Mine now", kept=[str(theirs.upload_key)])
    assert Comment.objects.get().files.count() == 0


def test_where_no_file_can_be_added_the_form_offers_none(work_order, send, dana, staff, client_of):
    cancel(work_order, comment="Not needed", by=staff)
    page = html_of(client_of(dana).get(reverse("collaborate", args=[work_order.number])))
    assert 'type="file"' not in page
    assert send("Too late", "label.jpg").status_code == 422


def test_staff_write_internally_where_they_read_and_their_files_are_internal_too(
    work_order, dana, staff, client_of
):
    data = {
        "body": "Slow again",
        "internal": "on",
        "upload_key": "6b0f7c1e-0000-4000-8000-000000000002",
    }
    client_of(staff).post(
        reverse("comment", args=[work_order.number]), data | {"uploads": [upload(name="mail.jpg")]}
    )
    said = Comment.objects.get()
    assert (said.internal, [file.internal for file in said.files.all()]) == (True, [True])
    for page in ("collaborate", "history", "related"):
        seen = html_of(client_of(dana).get(reverse(page, args=[work_order.number])))
        assert [word for word in ("Slow again", "mail.jpg", "Internal") if word in seen] == []


def test_file_kept_from_before_becomes_internal_with_the_note(work_order, dana, staff, client_of):
    kept = add(work_order, staff)
    data = {"body": "Slow again", "internal": "on", "kept": [str(kept.upload_key)]}
    client_of(staff).post(reverse("comment", args=[work_order.number]), data)
    assert File.objects.get().internal


def test_partner_cannot_write_internally(work_order, send):
    assert send("Secret", internal="on").status_code == 302
    assert not Comment.objects.get().internal


def test_admin_shows_the_files_with_the_words(work_order, send, client_of, admin_user):
    send("The label is torn", "label.jpg")
    address = reverse("admin:workorders_workorder_change", args=[work_order.pk])
    page = html_of(client_of(admin_user).get(address))
    assert page.index("The label is torn") < page.index(
        ">label.jpg</a>", page.index("The label is torn")
    )
