"""A preview keeps nobody waiting, however long it takes."""

import threading

from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.urls import reverse

from tests.factories import make_dana, make_staff
from tests.workorders.services.importing.import_files import as_csv, prepare, sample, work_orders
from workorders.models import Comment, WorkOrder
from workorders.services.importing.work_orders import WorkOrderTable

FIRST, LAST = "WO-00900001", "WO-00900012"


def preview(browser: Client) -> str:
    rows = [row | {"subject": "Another cable"} for row in sample("work_orders")]
    file = SimpleUploadedFile("work_orders.csv", as_csv(rows))
    address = reverse("admin:workorders_workorder_import_work-orders")
    try:
        return browser.post(address, {"file": file}, follow=True).context["result"].summary
    finally:
        connection.close()


def test_a_partner_writes_while_a_preview_is_computed(real_transactions, client_of, monkeypatch):
    """It has come to the last of its rows, each of which names work of the partner."""
    prepare()
    work_orders(sample("work_orders"))
    boss, danas = client_of(make_staff()), client_of(make_dana())
    arrived, written = threading.Event(), threading.Event()
    write, waited = WorkOrderTable.write, []

    def slow(table, row):
        found = write(table, row)
        if row.values["number"] == LAST:
            arrived.set()
            waited.append(written.wait(10))
        return found

    monkeypatch.setattr(WorkOrderTable, "write", slow)
    previews: list[str] = []
    thread = threading.Thread(target=lambda: previews.append(preview(boss)))
    thread.start()
    try:
        assert arrived.wait(10)
        address = reverse("comment", args=[WorkOrder.objects.get(number=FIRST).number])
        answer = danas.post(address, {"body": "Which gate?"})
        assert (answer.status_code, Comment.objects.count()) == (302, 1)
    finally:
        written.set()
        thread.join()
    assert (previews, waited) == (["0 created, 12 updated, 0 unchanged"], [True])
