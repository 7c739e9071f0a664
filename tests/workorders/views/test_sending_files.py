"""The addresses that take photos and documents: what they keep, and what they refuse."""

import base64
import tracemalloc
import uuid

import pytest
from django.conf import settings
from django.urls import reverse

from tests.factories import fresh, make_accepted
from tests.pages import html_of, mismatches
from tests.workorders.services.files.test_photos import photo
from tests.workorders.uploads import JPEG, PDF, address, in_storage, related, send, upload
from workorders import services
from workorders.models import File
from workorders.services.files import uploads

pytestmark = pytest.mark.once


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
            "“Add a file” is not possible while the work order is Could Not",
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
