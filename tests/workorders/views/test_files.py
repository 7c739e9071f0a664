"""The addresses of photos and documents: what they take, what they answer, and to whom they are not
there.
"""

import base64
import tracemalloc
import uuid

import pytest
from django.conf import settings
from django.urls import reverse

from tests.factories import book_on, fresh, make_accepted, make_user
from tests.pages import html_of, mismatches
from tests.workorders.services.files.test_photos import exif, photo
from tests.workorders.uploads import JPEG, PDF, add, address, in_storage, send, upload
from workorders import services
from workorders.models import File, LineItem, WorkOrder
from workorders.services.files import uploads

pytestmark = pytest.mark.once

OF_ONE = ["file", "file-small", "change-file", "remove-file"]


def related(work_order) -> str:
    return reverse("related", args=[work_order.number])


def received(answer) -> bytes:
    """The whole file; to have read it closes it."""
    return b"".join(answer.streaming_content)


@pytest.fixture
def danas(dana, client_of):
    return client_of(dana)


# --- Sending
def test_several_files_are_added_at_once(work_order, dana, danas):
    item = work_order.line_items.first()
    said = {"caption": "Left port", "moment": "before", "line_item": item.number}
    answer = send(
        danas, work_order, upload(), upload(photo("PNG"), "b.png"), upload(PDF, "c.pdf"), **said
    )
    assert (answer.status_code, answer.url) == (302, related(work_order))
    assert list(
        work_order.files.values_list("name", "caption", "moment", "line_item", "uploaded_by")
    ) == [
        (name, "Left port", "before", item.pk, dana.pk) for name in ("cable.jpg", "b.png", "c.pdf")
    ]
    assert "3 files are added." in html_of(danas.get(answer.url))


def test_what_is_refused_is_named_and_the_rest_is_kept(work_order, danas):
    answer = send(
        danas,
        work_order,
        upload(),
        upload(b"MZ", "virus<b>.exe"),
        upload(b"", "empty.jpg"),
        caption="Left",
    )
    page = html_of(answer)
    assert (answer.status_code, [file.name for file in work_order.files.all()]) == (
        422,
        ["cable.jpg"],
    )
    for words in (
        "1 file is added.",
        "virus&lt;b&gt;.exe",
        "This is not a JPEG",
        "empty.jpg",
        'value="Left"',
    ):
        assert words in page
    assert answer.context["upload"]["upload_key"].value() != answer.wsgi_request.POST["upload_key"]


def test_the_same_form_sent_again_adds_nothing(work_order, danas):
    key = str(uuid.uuid4())
    for _ in range(2):
        assert (
            send(danas, work_order, upload(), upload(name="b.jpg"), upload_key=key).status_code
            == 302
        )
    assert work_order.files.count() == 2


def test_a_label_is_of_the_line_item_that_asks_for_a_serial_or_asks_of_which(dana, danas, clock):
    steps = ("Lock out", "Replace [serial]", "Test [serial]")
    one, two = (make_accepted(dana, parts_required=False, line_items=steps[:n]) for n in (2, 3))
    assert send(danas, one, upload(), moment="label").status_code == 302
    assert one.files.get().line_item.number == 2
    answer = send(danas, two, upload(), moment="label")
    sentence = "Choose the line item whose new part it is: the label shows its serial."
    assert (answer.status_code, two.files.count()) == (422, 0)
    assert answer.context["upload"].errors == {"line_item": [sentence]}
    assert sentence in html_of(send(danas, two, upload(), moment="label", script=True))
    assert send(danas, two, upload(), moment="label", line_item="3").status_code == 302
    change = address(two.files.get(), "change-file")
    answer = danas.post(
        change, {"moment": "label", "line_item": "", "caption": "", "version": fresh(two).version}
    )
    assert (answer.status_code, answer.context["form"].errors["line_item"]) == (422, [sentence])


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({"uploads": []}, "Choose a photo or a PDF first."),
        ({"uploads": ["a.jpg"]}, "Choose a photo or a PDF first."),
        ({"upload_key": "1"}, "Enter a valid UUID."),
        ({"upload_key": ""}, "This field is required."),
        ({"caption": "c" * 301}, "at most 300 characters"),
        ({"caption": "a\0b"}, "Null characters are not allowed."),
        ({"moment": "during"}, "Select a valid choice."),
        ({"line_item": "99"}, "Select a valid choice."),
    ],
)
def test_a_form_that_cannot_be_is_answered_with_a_sentence(work_order, danas, typed, sentence):
    answer = send(danas, work_order, upload(), **typed)
    assert (answer.status_code, File.objects.count(), in_storage()) == (422, 0, [])
    assert sentence in html_of(answer)


def test_the_script_gets_the_list_or_the_sentence(work_order, danas):
    answer = send(danas, work_order, upload(), script=True)
    assert (answer.status_code, mismatches(answer, 'id="file-list"')) == (200, [])
    assert "<html" not in html_of(answer)
    answer = send(danas, work_order, upload(b"MZ"), script=True)
    assert (answer.status_code, mismatches(answer, 'class="why-not">This is not a JPEG')) == (
        422,
        [],
    )


def test_over_the_quota_answers_413(work_order, danas, monkeypatch):
    monkeypatch.setattr(uploads, "PER_DAY", 100)
    answer = send(danas, work_order, upload())
    assert (answer.status_code, mismatches(answer, "within 24 hours")) == (413, [])


def test_where_nothing_can_be_added_there_is_no_form_but_a_sentence(
    work_order, dana, staff, client_of, danas
):
    services.could_not_complete(work_order, reason="obstruction", note="A truck", by=dana)
    page = html_of(danas.get(related(work_order)))
    assert (
        mismatches(
            page,
            "Adding a file is not possible while the work order is Could Not",
            without=['id="upload"'],
        )
        == []
    )
    assert mismatches(page, "No file was added.", without=["belong here"]) == []
    assert send(danas, work_order, upload()).status_code == 409
    assert 'id="upload"' in html_of(client_of(staff).get(related(work_order)))


def test_an_upload_that_only_looks_at_the_address_leads_to_the_tab(work_order, danas):
    assert danas.get(reverse("files", args=[work_order.number])).url == related(work_order)


@pytest.mark.parametrize(
    "name",
    [
        "..",
        ".",
        "a/../../b.jpg",
        "CON",
        "x.jpg.php",
        "x.jpg%00.php",
        "\u202egpj.exe",
        "n" * 300 + ".jpg",
        "<b>",
    ],
)
def test_no_name_finds_its_way_into_the_storage(work_order, danas, name):
    data = (
        b'--x\r\nContent-Disposition: form-data; name="upload_key"\r\n\r\n'
        + str(uuid.uuid4()).encode()
    )
    data += (
        f'\r\n--x\r\nContent-Disposition: form-data; name="uploads"; filename="{name}"\r\n'.encode()
    )
    data += b"Content-Type: image/jpeg\r\n\r\n" + JPEG + b"\r\n--x--\r\n"
    url = reverse("files", args=[work_order.number])
    answer = danas.post(url, data, content_type="multipart/form-data; boundary=x")
    kept = File.objects.all()
    assert (answer.status_code, len(kept)) == ((422, 0) if name in (".", "..") else (302, 1))
    assert in_storage() == sorted(stored for file in kept for stored in file.stored_names)


@pytest.mark.parametrize("data", [JPEG + b"\0" * 10 * 2**20, b"MZ" + b"\0" * 3 * 2**20])
def test_a_large_file_that_is_refused_leaves_no_temporary_one(
    work_order, danas, settings, tmp_path, data
):
    settings.FILE_UPLOAD_TEMP_DIR = str(tmp_path / "temporary")
    (tmp_path / "temporary").mkdir()
    assert send(danas, work_order, upload(data)).status_code == 422
    assert (list((tmp_path / "temporary").iterdir()), in_storage()) == ([], [])


def test_of_a_part_in_base64_no_more_is_decoded_than_tells_that_it_is_too_large(work_order, danas):
    data = b'--x\r\nContent-Disposition: form-data; name="uploads"; filename="a.pdf"\r\n'
    data += (
        b"Content-Transfer-Encoding: base64\r\n\r\n"
        + base64.b64encode(PDF + b"\0" * 30 * 2**20)
        + b"\r\n--x--\r\n"
    )
    tracemalloc.start()
    url = reverse("files", args=[work_order.number])
    answer = danas.post(
        url, data, content_type="multipart/form-data; boundary=x", headers={"hx-request": "true"}
    )
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert (answer.status_code, File.objects.count(), in_storage()) == (422, 0, [])
    assert most < 64 * 2**20


def test_a_hundred_and_one_parts_are_refused(work_order, danas):
    answer = send(danas, work_order, *[upload(b"", f"{n}.jpg") for n in range(101)])
    assert (answer.status_code, File.objects.count()) == (400, 0)


HOSTILE = {
    "virus.exe": b"MZ\x90\0" * 100,
    "shell.php": b"<?php system($_GET[0]); ?>",
    "page.html": b"<!doctype html><script>alert(1)</script>",
    "drawing.svg": b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>",
    "entity.xml": b"<!DOCTYPE a [<!ENTITY b SYSTEM 'file:///etc/passwd'>]><a>&b;</a>",
    "many.zip": b"PK\x03\x04" + b"\0" * 1000,
    "moving.gif": photo("GIF"),
    "plain.tiff": photo("TIFF"),
    "cut.jpg": JPEG[:-200],
    "cut.png": photo("PNG", (400, 300))[:-500],
    "script.pdf.js": b"\n%PDF-1.7 alert(1)",
    "phone.heic": b"\0\0\0\x18ftypheic\0\0\0\0mif1heic",
}


def test_twelve_hostile_files_are_refused_one_by_one_and_leave_nothing(
    work_order, danas, settings, tmp_path
):
    settings.FILE_UPLOAD_TEMP_DIR = str(tmp_path / "temporary")
    settings.FILE_UPLOAD_MAX_MEMORY_SIZE = 0
    (tmp_path / "temporary").mkdir()
    answer = send(danas, work_order, *[upload(data, name) for name, data in HOSTILE.items()])
    assert (answer.status_code, [refusal.name for refusal in answer.context["refused"]]) == (
        422,
        list(HOSTILE),
    )
    assert (list((tmp_path / "temporary").iterdir()), in_storage(), File.objects.count()) == (
        [],
        [],
        0,
    )


def test_more_than_twenty_files_in_one_form_are_refused(work_order, danas):
    assert settings.DATA_UPLOAD_MAX_NUMBER_FILES == 20
    answer = send(danas, work_order, *[upload(name=f"{n}.jpg") for n in range(21)])
    assert (answer.status_code, File.objects.count()) == (400, 0)


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
    theirs = reverse(name, args=[own.number, file.key])  # under a work order that he may see
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
    WorkOrder.objects.update(partner=omar.partner)  # what was sent before is not his to see
    page = html_of(client_of(omar).get(related(work_order)))
    assert mismatches(page, "1 photo", without=['width="64"']) == []


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


# --- Changing and removing
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
    assert "File removed: cable.jpg" in history


def test_what_ended_meanwhile_is_not_changed(work_order, dana, danas):
    file = add(work_order, dana)
    services.could_not_complete(work_order, reason="obstruction", note="A truck", by=dana)
    assert danas.post(address(file, "remove-file")).status_code == 409
    assert danas.get(address(file, "remove-file")).status_code == 302
    assert received(danas.get(address(file))).startswith(b"\xff\xd8")
