"""Bytes and rows of files: what is refused leaves nothing, what is sent twice is stored once;
quota, orphans.
"""

import errno
import os
import uuid

import pytest
from django.core.files.storage import default_storage
from django.db import DataError, IntegrityError, transaction
from django.utils import timezone

from tests.factories import fresh, make_accepted
from tests.threads import at_once
from tests.workorders.services.flow.test_flow import events
from tests.workorders.uploads import JPEG, PDF, add, in_storage, upload
from workorders.models import File
from workorders.models.files import NAME_LENGTH
from workorders.services import DomainError, NotStored, OverQuota, remove_file
from workorders.services.files import uploads
from workorders.services.files.storage import AGE, delete_orphaned_files
from workorders.services.files.uploads import display_name


@pytest.fixture
def work_order(dana):
    return make_accepted(dana, parts_required=False, line_items=("Lock out", "Replace"))


# --- What is refused, and what is left of it
@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (b"", "empty"),
        (b"MZ\x90\0", "not a JPEG, PNG, WebP or HEIC"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "not a JPEG, PNG, WebP or HEIC"),
        (b"\n%PDF-1.7", "its end is missing"),
        (b"\0\0\0\x18ftypheic\0\0\0\0mif1heic", "HEIC"),
        (PDF + b"\0" * 10 * 2**20, "10 MB"),
        (JPEG[:-200], "damaged"),
    ],
)
def test_what_is_refused_leaves_nothing(work_order, dana, data, sentence):
    with pytest.raises(DomainError, match=sentence):
        add(work_order, dana, data)
    assert (in_storage(), File.objects.count(), fresh(work_order).version) == (
        [],
        0,
        work_order.version,
    )


@pytest.mark.parametrize(
    ("original", "shown"),
    [
        ("cable.jpg", "cable.jpg"),
        ("..", ""),
        ("", ""),
        ("a/../../b.jpg", "b.jpg"),
        ("C:\\photos\\b.jpg", "b.jpg"),
        ("x.jpg.php", "x.jpg.php"),
        ("x.jpg\0.php", "x.jpg.php"),
        ("\u202egpj.exe", "gpj.exe"),
        ("a\u2066\u200b\ud800b \t\r\nc.jpg", "ab c.jpg"),
        ("Прокладка 漏电.jpg", "Прокладка 漏电.jpg"),
        ("n" * 300 + ".jpg", "n" * (NAME_LENGTH - 4) + ".jpg"),
        ("." * 300 + "n" * 300, "n" * NAME_LENGTH),
    ],
)
def test_of_the_name_only_what_can_be_shown_is_kept(original, shown):
    assert display_name(original) == shown


def test_a_file_without_a_name_is_called_by_its_kind(work_order, dana):
    file = add(work_order, dana, name="\u202e")
    assert file.name == "photo"
    assert {name[: len(str(file.key))] for name in in_storage()} == {str(file.key)}


def test_no_row_no_file(work_order, dana, monkeypatch):
    monkeypatch.setattr(uploads, "_check_quota", lambda work, file: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        add(work_order, dana)
    assert (in_storage(), File.objects.count()) == ([], 0)


def test_a_full_disk_is_said_and_leaves_nothing(work_order, dana, monkeypatch):
    def full(descriptor: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(NotStored, match="Try again later"):
        add(work_order, dana)
    assert (in_storage(), File.objects.count()) == ([], 0)


def test_the_file_is_on_disk_before_its_row(work_order, dana, monkeypatch):
    synced, real = [], os.fsync
    monkeypatch.setattr(os, "fsync", lambda fd: (synced.append(File.objects.count()), real(fd)))
    add(work_order, dana)
    assert synced == [0] * 5  # photo and thumbnail with their names, and the new folder


# --- Sent twice
def test_the_same_upload_key_is_stored_once(work_order, dana):
    key = uuid.uuid4()
    first = add(work_order, dana, upload_key=key)
    assert add(work_order, dana, upload_key=key) == first
    assert (File.objects.count(), len(in_storage()), events(work_order).count("file-added")) == (
        1,
        2,
        1,
    )


def test_the_same_key_means_another_file_on_another_work_order(work_order, dana):
    key = uuid.uuid4()
    add(work_order, dana, upload_key=key)
    add(make_accepted(dana), dana, upload_key=key)
    assert File.objects.count() == 2


def test_the_same_upload_at_once_is_stored_once(real_transactions, dana):
    work_order, key = make_accepted(dana), uuid.uuid4()
    kept = at_once(*[lambda: add(work_order, dana, upload_key=key)] * 4)
    assert {file.pk for file in kept} == {File.objects.get().pk}
    assert len(in_storage()) == 2


# --- How much
def test_the_quota_is_of_a_partner_and_24_hours(work_order, dana, omar, monkeypatch, clock):
    size = add(work_order, dana).size
    monkeypatch.setattr(uploads, "PER_DAY", 2 * size)
    remove_file(add(work_order, dana), by=dana)
    with pytest.raises(OverQuota, match="VoltFix has sent"):
        add(make_accepted(dana), dana)
    add(make_accepted(omar), omar)
    clock.shift(uploads.DAY)
    add(work_order, dana)


def test_eight_at_the_edge_never_exceed_the_quota(real_transactions, dana, monkeypatch):
    work_orders = [make_accepted(dana) for _ in range(8)]
    monkeypatch.setattr(uploads, "PER_DAY", 3 * len(PDF) + 1)
    results = at_once(*[lambda row=row: add(row, dana, PDF, "a.pdf") for row in work_orders])
    assert sorted(type(result).__name__ for result in results) == ["File"] * 3 + ["OverQuota"] * 5
    assert (File.objects.count(), len(in_storage())) == (3, 3)


# --- Orphaned files
def test_files_without_a_row_are_deleted_unless_they_are_young(work_order, dana):
    kept, removed = add(work_order, dana), add(work_order, dana)
    remove_file(removed, by=dana)  # and the process was killed before the bytes were gone
    default_storage.save(f"{uuid.uuid4()}.pdf", upload(PDF))
    default_storage.save("not-ours.jpg", upload())
    now = max(default_storage.get_modified_time(name) for name in in_storage())
    assert delete_orphaned_files(now) == 0
    assert delete_orphaned_files(now + AGE * 2) == 3
    assert in_storage() == sorted([*kept.stored_names, "not-ours.jpg"])


def test_no_orphaned_file_is_found_where_nothing_was_stored(db):
    assert delete_orphaned_files() == 0


@pytest.mark.parametrize(
    "values",
    [
        {"kind": "video"},
        {"kind": "document"},
        {"width": None},
        {"moment": "during"},
        {"name": ""},
        {"name": "n" * 121},
        {"caption": "c" * 301},
        {"taken_at": "2026-03-02T09:30:00Z"},
        {"size": 0},
        {"removed_at": timezone.now()},
    ],
)
def test_a_file_that_cannot_be_is_not_stored(work_order, dana, values):
    file = add(work_order, dana)
    with pytest.raises((IntegrityError, DataError)), transaction.atomic():
        File.objects.filter(pk=file.pk).update(**values)
