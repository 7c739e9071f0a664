"""The addresses of photos and documents: what they answer, to whom they are not there; and the
pages that list them.
"""

import uuid

import pytest
from django.urls import reverse

from tests.factories import book_on, make_accepted
from tests.pages import html_of, mismatches
from tests.workorders.services.files.test_photos import exif, photo
from tests.workorders.uploads import JPEG, PDF, add, address, received, related
from workorders import services
from workorders.models import LineItem, WorkOrder

pytestmark = pytest.mark.once

OF_ONE = ["file", "file-small", "change-file", "remove-file"]


# --- Looking
@pytest.mark.parametrize(
    ("data", "sent_as", "names"),
    [
        (JPEG, 'inline; filename="cable.jpg"', ["file", "file-small"]),
        (PDF, 'attachment; filename="cable.pdf"', ["file"]),
    ],
)
@pytest.mark.parametrize("method", ["get", "head"])
def test_a_file_is_sent_as_what_it_is_and_can_do_nothing(
    work_order, dana, danas, data, sent_as, names, method
):
    file = add(work_order, dana, data)
    for name in names:
        answer = getattr(danas, method)(address(file, name), headers={"range": "bytes=0-1"})
        expected = {
            "Content-Type": "image/jpeg" if file.is_photo else "application/pdf",
            "Content-Disposition": sent_as,
            "Content-Security-Policy": "default-src 'none'; sandbox",
            "X-Content-Type-Options": "nosniff",
            "Cache-Control": "private, no-store",
            "Cross-Origin-Resource-Policy": "same-origin",
        }
        assert (answer.status_code, {name: answer.headers[name] for name in expected}) == (
            200,
            expected,
        )
        assert bool(received(answer)) == (method == "get")


def test_a_photo_travels_as_it_is_stored(work_order, dana, danas):
    file = add(work_order, dana, photo(size=(80, 60)))
    answer = danas.get(address(file), headers={"accept-encoding": "gzip"})
    assert (
        len(received(answer)),
        int(answer["Content-Length"]),
        answer.get("Content-Encoding"),
    ) == (
        file.size,
        file.size,
        None,
    )


def test_an_ending_that_lies_is_not_sent(work_order, dana, danas):
    answer = danas.get(address(add(work_order, dana, PDF, "x.pdf.exe")))
    assert answer["Content-Disposition"] == 'attachment; filename="x.pdf.pdf"'
    assert received(answer) == PDF


@pytest.mark.parametrize("name", OF_ONE)
def test_another_partners_file_is_not_there(work_order, dana, omar, client_of, name):
    file, own = add(work_order, dana), make_accepted(omar)
    theirs = reverse(name, args=[own.number, file.key])  # under a work order that they may see
    browser = client_of(omar)
    for url in (address(file, name), theirs):
        for method in ("get", "head", "post"):
            for headers in (
                {},
                {"range": "bytes=0-1"},
                {"if-modified-since": "Mon, 02 Mar 2099 17:00:00 GMT"},
            ):
                assert getattr(browser, method)(url, headers=headers).status_code in (404, 405)
    assert client_of(omar).get(address(file, name)).status_code == 404
    assert work_order.files.visible_to(dana).get() == file


@pytest.mark.parametrize("name", OF_ONE)
@pytest.mark.parametrize("gone", ["unknown", "removed", "internal"])
def test_a_file_that_is_not_for_him_is_not_there(work_order, dana, staff, danas, name, gone):
    file = add(work_order, staff, internal=gone == "internal")
    if gone == "removed":
        services.remove_file(file, by=staff)
    if gone == "unknown":
        file.key = uuid.uuid4()
    assert danas.get(address(file, name)).status_code == 404
    assert danas.post(address(file, name)).status_code in (404, 405)


def test_a_document_has_no_thumbnail_and_a_lost_file_is_not_there(
    work_order, dana, danas, settings, tmp_path
):
    assert danas.get(address(add(work_order, dana, PDF), "file-small")).status_code == 404
    file = add(work_order, dana)
    settings.MEDIA_ROOT = str(tmp_path / "elsewhere")
    assert danas.get(address(file)).status_code == 404


def test_the_storage_itself_has_no_address(work_order, dana, danas):
    file = add(work_order, dana)
    for path in (f"/{file.stored}", f"/media/{file.stored}", f"/static/{file.stored}", "/media/"):
        assert danas.get(path).status_code == 404


def test_a_person_who_is_no_longer_active_gets_no_file(work_order, dana, danas):
    file = add(work_order, dana)
    dana.is_active = False
    dana.save()
    assert danas.get(address(file)).status_code == 302


# --- The page
def test_the_page_says_of_a_file_what_is_known(work_order, dana, staff, client_of, danas):
    add(work_order, dana, photo(exif=exif()), caption="Left port", moment="before")
    add(work_order, staff, PDF, "permit.pdf")
    page = html_of(danas.get(related(work_order)))
    for words in (
        *("Left port", "Before", "Dana, ", "permit.pdf", "ChargePoint staff, "),
        (
            '<dt>Camera’s clock</dt><dd><time datetime="2026-03-02T09:30:00">Mon, Mar 2, 9:30'
            " AM</time></dd>"
        ),
    ):
        assert words in page
    assert staff.name not in page


def test_an_internal_file_leaves_no_trace_on_a_partners_pages(
    work_order, dana, staff, client_of, danas
):
    file = add(work_order, staff, name="secret-plan.jpg", caption="Do not tell", internal=True)
    pages = [
        reverse(name, args=[work_order.number])
        for name in ("work-order", "related", "history", "receipt")
    ]
    for url in pages:
        page = html_of(danas.get(url))
        assert [
            word
            for word in ("secret-plan", "Do not tell", str(file.key), "File added")
            if word in page
        ] == []
    assert "No files yet" in html_of(danas.get(related(work_order)))
    assert "secret-plan" in html_of(client_of(staff).get(pages[2]))
    assert "Internal" in html_of(client_of(staff).get(related(work_order)))


@pytest.mark.no_waits
def test_a_line_item_shows_the_photos_that_count_for_it_and_the_reader_may_see(
    work_order, dana, omar, staff, client_of
):
    item = work_order.line_items.last()
    after = add(work_order, dana, line_item=item, caption="The new cable")
    label = add(work_order, dana, line_item=item, moment="label")
    add(work_order, staff, line_item=item, internal=True)
    item = next(each for each in LineItem.objects.with_photos_for(staff) if each.pk == item.pk)
    assert ([file.pk for file in item.photos], item.photo_count, item.label_count) == (
        [after.pk, label.pk],
        1,
        1,
    )
    page = html_of(client_of(dana).get(related(work_order)))
    thumb = (
        '<a href="{}"><img class="thumb" src="{}" width="64" height="48" loading="lazy"'
        ' alt="{}"></a>'
    )
    for file, words in ((after, "The new cable"), (label, "cable.jpg")):
        assert page.count(thumb.format(address(file), address(file, "file-small"), words)) == 1
    WorkOrder.objects.update(partner=omar.partner)  # what was sent before is not theirs to see
    page = html_of(client_of(omar).get(related(work_order)))
    assert mismatches(page, without=["1 photo", 'width="64"']) == []


def test_the_tab_takes_as_many_queries_with_three_files_as_with_one(
    work_order, dana, tess, danas, django_assert_num_queries
):
    book_on(work_order, tess)
    add(work_order, dana, line_item=work_order.line_items.first())
    danas.get(related(work_order))
    for files in (1, 3):
        with django_assert_num_queries(7):
            page = html_of(danas.get(related(work_order)))
        assert (page.count("Remove<span"), page.count('width="64"')) == (files, 1 + (files > 1))
        add(work_order, tess, line_item=work_order.line_items.last())
        add(work_order, tess, PDF)


def test_a_technician_is_offered_his_own_files_to_change(work_order, dana, tess, client_of):
    book_on(work_order, tess)
    dana_s, own = add(work_order, dana), add(work_order, tess)
    page = html_of(client_of(tess).get(related(work_order)))
    assert (
        mismatches(page, address(own, "change-file"), without=[address(dana_s, "change-file")])
        == []
    )
    for name in ("change-file", "remove-file"):
        assert client_of(tess).get(address(dana_s, name)).status_code == 403
        assert client_of(tess).post(address(dana_s, name)).status_code == 403
