"""Staff's side of photos and documents: every file, internal or not, on the admin's page of the
work order.
"""

import uuid

import pytest
from django.urls import reverse

from tests.factories import fresh, make_accepted, ship
from tests.pages import html_of, mismatches
from tests.workorders.uploads import PDF, add, in_storage, upload
from workorders.models import File

pytestmark = pytest.mark.once


@pytest.fixture
def work_order(dana):
    return make_accepted(dana, parts_required=False, line_items=("Lock out",))


def page(work_order, name: str, *file: File) -> str:
    return reverse(
        f"admin:workorders_workorder_file_{name}", args=[work_order.pk, *(f.key for f in file)]
    )


def shown(client, work_order) -> str:
    return html_of(client.get(reverse("admin:workorders_workorder_change", args=[work_order.pk])))


def test_files_are_added_internal_or_not(client, coordinator, work_order):
    assert "multipart/form-data" in html_of(client.get(page(work_order, "add")))
    data = {
        "upload_key": str(uuid.uuid4()),
        "uploads": [upload(), upload(PDF, "plan.pdf")],
        "internal": "on",
    }
    assert client.post(page(work_order, "add"), data | {"caption": "Plan"}).status_code == 302
    facts = list(work_order.files.values_list("name", "caption", "internal", "uploaded_by"))
    assert facts == [(name, "Plan", True, coordinator.pk) for name in ("cable.jpg", "plan.pdf")]
    assert shown(client, work_order).count("<b>Internal</b>") == 2


def test_what_is_refused_is_named(client, work_order):
    data = {"upload_key": str(uuid.uuid4()), "uploads": [upload(b"MZ", "virus.exe")]}
    answer = client.post(page(work_order, "add"), data)
    assert (answer.status_code, mismatches(answer, "virus.exe: This is not a JPEG")) == (422, [])
    data = {"upload_key": str(uuid.uuid4()), "uploads": [upload(b"MZ", "virus.exe"), upload()]}
    answer = client.post(page(work_order, "add"), data, follow=True)
    sentences = [str(message).partition(", or")[0] for message in answer.context["messages"]]
    assert sentences == [
        "Files added: 1.",
        "Not added: virus.exe: This is not a JPEG, PNG, WebP or HEIC photo",
    ]


def test_both_sides_see_that_a_file_was_sent_twice(client, work_order, dana, client_of):
    for name in ("before.pdf", "again.pdf"):
        add(work_order, dana, PDF, name)
    said = "the same as before.pdf"
    related = client_of(dana).get(reverse("related", args=[work_order.number]))
    assert [text.count(said) for text in (shown(client, work_order), html_of(related))] == [1, 1]


def test_a_file_is_made_internal_and_shown_again(client, work_order, dana):
    file = add(work_order, dana)
    for internal, typed, visible in ((True, {"internal": "on"}, 0), (False, {}, 1)):
        known = {"caption": "Left", "version": fresh(work_order).version}
        assert client.post(page(work_order, "change", file), known | typed).status_code == 302
        assert File.objects.get().internal is internal
        assert work_order.files.visible_to(dana).count() == visible


def test_a_file_is_removed_after_a_question(
    client, work_order, dana, django_capture_on_commit_callbacks
):
    file = add(work_order, dana)
    assert "Remove cable.jpg" in html_of(client.get(page(work_order, "remove", file)))
    with django_capture_on_commit_callbacks(execute=True):
        assert client.post(page(work_order, "remove", file)).status_code == 302
    assert (in_storage(), client.get(page(work_order, "remove", file)).status_code) == ([], 404)
    assert "removed <b>cable.jpg</b>" in shown(client, work_order)


def test_who_may_only_look_sees_files_and_changes_none(viewer, client_of, work_order, dana, staff):
    file = add(work_order, staff, internal=True)
    text = shown(client_of(viewer), work_order)
    assert mismatches(text, str(file.key), without=["Add files"]) == []
    for url in (
        page(work_order, "add"),
        page(work_order, "change", file),
        page(work_order, "remove", file),
    ):
        assert client_of(viewer).post(url).status_code == 403
        assert client_of(dana).post(url).status_code == 403
    assert work_order.files.visible_to(staff).get() == file


def test_the_page_takes_as_many_queries_with_three_files_as_with_one(
    client, work_order, dana, staff, django_assert_max_num_queries
):
    add(work_order, dana)
    with django_assert_max_num_queries(40) as one:
        shown(client, work_order)
    add(work_order, staff, line_item=work_order.line_items.get())
    add(work_order, dana, PDF)
    with django_assert_max_num_queries(len(one)):
        shown(client, work_order)


# --- Return labels
def test_staff_put_a_label_on_a_return(client, work_order, dana, viewer, client_of):
    back = ship(
        work_order, "RMA-1", kind="RMA", direction="return", required=False, status="ordered"
    )
    url = reverse("admin:workorders_workorder_shipment_label", args=[work_order.pk, back.pk])
    assert f'href="{url}">Add return label' in shown(client, work_order)
    assert "Return label of RMA-1" in html_of(client.get(url))
    data = {"upload_key": str(uuid.uuid4()), "uploads": [upload(b"MZ", "label.exe")]}
    answer = client.post(url, data)
    assert (answer.status_code, mismatches(answer, "label.exe: This is not a JPEG")) == (422, [])
    assert client.post(url, data | {"uploads": [upload(PDF, "label.pdf")]}).status_code == 302
    label = back.labels.get()
    text = shown(client, work_order)
    assert (label.internal, mismatches(text, "added the file <b>label.pdf</b>")) == (False, [])
    assert mismatches(text, ">Return label</a>", "<br>Return label of RMA-1") == []
    assert "Internal" not in html_of(client.get(page(work_order, "change", label)))
    out = ship(work_order, "FSO-1")
    outbound = reverse("admin:workorders_workorder_shipment_label", args=[work_order.pk, out.pk])
    assert client.get(outbound).status_code == 404
    assert [client_of(user).post(url, data).status_code for user in (viewer, dana)] == [403, 403]


def test_two_of_staff_hear_of_each_others_captions(
    client, work_order, staff, admin_user, client_of
):
    file = add(work_order, staff)
    seen = fresh(work_order).version
    known = {"moment": "", "version": seen}
    assert (
        client_of(admin_user)
        .post(page(work_order, "change", file), known | {"caption": "Left"})
        .status_code
        == 302
    )
    answer = client.post(page(work_order, "change", file), known | {"caption": "Right"})
    text = html_of(answer)
    assert (
        answer.status_code,
        File.objects.get().caption,
        mismatches(text, "This has changed in the meantime. It is now: Left."),
    ) == (409, "Left", [])
    again = known | {"caption": "Right", "version": seen + 1}
    assert client.post(page(work_order, "change", file), again).status_code == 302
