"""Photos and documents are changed and removed on pages of their own."""

import pytest
from django.urls import reverse

from tests.factories import book_on, fresh, make_user
from tests.pages import html_of, mismatches
from tests.workorders.uploads import add, address, in_storage, received, related
from workorders import services
from workorders.models import File

pytestmark = pytest.mark.once


def test_caption_and_moment_are_changed_on_a_page_of_their_own(work_order, dana, danas):
    file = add(work_order, dana, caption="Lft port")
    assert 'value="Lft port"' in html_of(danas.get(address(file, "change-file")))
    typed = {
        "caption": "Left port",
        "moment": "after",
        "internal": "on",
        "version": fresh(work_order).version,
    }
    answer = danas.post(address(file, "change-file"), typed | {"line_item": "2"})
    file.refresh_from_db()
    assert (answer.url, file.caption, file.moment, file.internal) == (
        related(work_order),
        "Left port",
        "after",
        False,
    )
    assert file.line_item.number == 2
    assert '<option value="2" selected>' in html_of(danas.get(address(file, "change-file")))


@pytest.mark.parametrize(
    "typed", [{"caption": "c" * 301}, {"moment": "during"}, {"caption": "a\0b"}]
)
def test_a_change_that_cannot_be_is_answered_at_its_field(work_order, dana, danas, typed):
    answer = danas.post(address(add(work_order, dana), "change-file"), {"version": 9} | typed)
    assert (answer.status_code, list(answer.context["form"].errors)) == (422, list(typed))


def test_staff_change_who_sees_a_file(work_order, dana, staff, client_of):
    file = add(work_order, dana)
    typed = {"caption": "", "moment": "", "internal": "on", "version": fresh(work_order).version}
    client_of(staff).post(address(file, "change-file"), typed)
    file.refresh_from_db()
    assert file.internal


def test_two_people_who_change_one_caption_hear_of_each_other(
    work_order, dana, danas, voltfix, client_of
):
    mia = make_user("mia@voltfix.example", partner=voltfix)
    file = add(work_order, dana, caption="Port")
    seen = fresh(work_order).version
    add(work_order, mia)  # another file is no news
    assert (
        danas.post(
            address(file, "change-file"), {"caption": "Left port", "version": seen}
        ).status_code
        == 302
    )
    answer = client_of(mia).post(
        address(file, "change-file"), {"caption": "Right port", "version": seen}
    )
    page = html_of(answer)
    assert (answer.status_code, File.objects.get(pk=file.pk).caption) == (409, "Left port")
    for words in (
        "File changed: cable.jpg",
        "Its caption is now “Left port”",
        'value="Right port"',
    ):
        assert words in page
    again = {"caption": "Right port", "version": answer.context["fresh_version"]}
    assert client_of(mia).post(address(file, "change-file"), again).status_code == 302
    assert File.objects.get(pk=file.pk).caption == "Right port"


def test_a_dispatcher_is_offered_the_partners_files_to_change_and_not_staffs(
    work_order, staff, dana, tess, danas
):
    theirs, own = add(work_order, staff), add(book_on(work_order, tess), tess)
    page = html_of(danas.get(related(work_order)))
    assert (
        mismatches(page, address(own, "change-file"), without=[address(theirs, "change-file")])
        == []
    )
    for name in ("change-file", "remove-file"):
        assert [danas.get(address(file, name)).status_code for file in (own, theirs)] == [200, 403]
        assert danas.post(address(theirs, name), {"version": 1}).status_code == 403
    assert work_order.files.visible_to(dana).count() == 2


def test_removing_asks_first(work_order, dana, danas, django_capture_on_commit_callbacks):
    file = add(work_order, dana)
    assert "Remove cable.jpg?" in html_of(danas.get(address(file, "remove-file")))
    assert len(in_storage()) == 2
    with django_capture_on_commit_callbacks(execute=True):
        answer = danas.post(address(file, "remove-file"))
    assert (answer.url, in_storage()) == (related(work_order), [])
    history = html_of(danas.get(reverse("history", args=[work_order.number])))
    assert "Dana removed <b>cable.jpg</b>." in history


def test_what_ended_meanwhile_is_not_changed(work_order, dana, danas):
    file = add(work_order, dana)
    services.could_not_complete(work_order, reason="obstruction", note="A truck", by=dana)
    assert danas.post(address(file, "remove-file")).status_code == 409
    assert danas.get(address(file, "remove-file")).status_code == 302
    assert received(danas.get(address(file))).startswith(b"\xff\xd8")
