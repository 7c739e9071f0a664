"""Imports by upload: a preview that writes nothing, then the import of what was previewed."""

import csv
import datetime as dt
import io
import re
import uuid
from typing import Any

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone

from tests.factories import fresh, make_accepted, make_entitlement, make_territory
from tests.pages import html_of, mismatches
from tests.workorders.admin.conftest import allow
from workorders.admin.import_columns import HELD, import_columns
from workorders.admin.imports import IMPORTS
from workorders.exports.for_import import SHIPMENT_COLUMNS, WORK_ORDER_COLUMNS
from workorders.models import Import, LedgerEntry, Shipment, WorkOrder
from workorders.services.importing.imports import go_on, go_on_with_all
from workorders.states import Status

pytestmark = pytest.mark.once

WORK_ORDERS = reverse("admin:workorders_workorder_import_work-orders")
SHIPMENTS = reverse("admin:workorders_workorder_import_shipments")
ROW = {
    "number": "WO-00100900",
    "case_number": "00701407",
    "subject": "Replace power module",
    "description": "",
    "account": "Bluebird Retail Trust",
    "site": "Mission Creek Offices",
    "street": "640 Channel St",
    "city": "San Francisco",
    "region": "CA",
    "postal_code": "94158",
    "country": "US",
    "time_zone": "America/Los_Angeles",
    "service_territory": "US-Federal",
    "station_model": "CPE250",
    "station_serial": "935351532923",
    "work_type": "Repair",
    "entitlement": "Assure",
    "partner": "VoltFix",
    "assigned_on": "2026-03-02",
    "accepted_on": "",
    "parts_required": "yes",
    "images_required": "no",
    "return_parts_required": "no",
    "poc_name": "",
    "poc_phone": "",
    "poc_email": "",
    "access_notes": "",
    "line_items": "Lock out|Replace",
}
SHIPMENT = {
    "number": "FSO-1",
    "kind": "FSO",
    "work_order": "WO-00100900",
    "direction": "outbound",
    "status": "shipped",
    "carrier": "FedEx",
    "service": "",
    "tracking_number": "794",
    "pick_up_on": "2026-03-06",
    "estimated_delivery_on": "2026-03-10",
    "delivered_on": "",
    "required": "yes",
    "parts": "CBL-23*1*Cable",
}


@pytest.fixture(autouse=True)
def _known(voltfix) -> None:
    make_territory()
    make_entitlement()


def upload(client: Any, url: str, *rows: dict[str, str]) -> Any:
    text = io.StringIO()
    writer = csv.DictWriter(text, fieldnames=list(rows[0]))
    writer.writeheader()
    writer.writerows(rows)
    file = SimpleUploadedFile("rows.csv", text.getvalue().encode())
    return client.post(url, {"file": file}, follow=True)


def confirm(client: Any, page: Any, **data: str) -> Any:
    """Press "Import now" on a page."""
    return client.post(page.context["request"].path, data, follow=True)


def test_preview_writes_nothing(client):
    response = upload(client, WORK_ORDERS, ROW)
    text = html_of(response)
    assert (WorkOrder.objects.count(), LedgerEntry.objects.count()) == (0, 0)
    assert "1 created, 0 updated, 0 unchanged" in text
    assert "Replace power module" in text


def test_import_of_the_preview_writes_what_it_showed(client, coordinator):
    response = confirm(client, upload(client, WORK_ORDERS, ROW))
    assert "Imported: 1 created, 0 updated, 0 unchanged." in html_of(response)
    assert WorkOrder.objects.get().ledger.first().actor == coordinator


def test_preview_shows_each_field_old_and_new(client):
    confirm(client, upload(client, WORK_ORDERS, ROW))
    response = upload(client, WORK_ORDERS, ROW | {"subject": "Replace cable"})
    assert "subject: Replace power module → Replace cable" in html_of(response)
    assert WorkOrder.objects.get().subject == "Replace power module"


def test_nothing_to_import_offers_no_import(client):
    confirm(client, upload(client, WORK_ORDERS, ROW))
    response = upload(client, WORK_ORDERS, ROW)
    assert not response.context["may_import"]
    assert "There is nothing to import" in html_of(response)


def test_errors_are_listed_by_line_and_offer_no_import(client):
    response = upload(
        client, WORK_ORDERS, ROW, ROW | {"number": "WO-2", "assigned_on": "2026-02-30"}
    )
    text = html_of(response)
    assert "line 3: assigned_on: &#x27;2026-02-30&#x27; is not a date" in text
    assert (response.context["may_import"], WorkOrder.objects.count()) == (False, 0)


def test_import_is_its_persons_alone_of_its_kind_and_once(client, client_of, admin_user):
    page = upload(client, WORK_ORDERS, ROW)
    own = page.context["request"].path
    missing = own.replace(own.split("/")[-2], str(uuid.uuid4()))
    other_kind = own.replace("/work-orders/", "/shipments/")
    asked = [(client_of(admin_user), own), (client, other_kind), (client, missing)]
    for browser, url in asked:
        answers = [browser.get(url), browser.post(url), browser.get(url + "rejected.csv")]
        assert [answer.status_code for answer in answers] == [404, 404, 404]
    assert WorkOrder.objects.count() == 0
    confirm(client, page)
    assert "This file was imported already" in html_of(confirm(client, page))
    assert LedgerEntry.objects.count() == 1


def test_import_says_when_the_data_changed_since_the_preview(client):
    first, second = (upload(client, WORK_ORDERS, ROW) for _ in range(2))
    confirm(client, first)
    text = " ".join(html_of(confirm(client, second)).split())
    assert mismatches(text, "Imported: 0 created, 0 updated, 1 unchanged.") == []
    assert mismatches(text, "The data had changed since the preview (1 created, 0") == []


def test_import_that_is_no_longer_possible_says_so(client, dana):
    make_accepted(dana, number="WO-00100900")
    page = upload(client, SHIPMENTS, SHIPMENT)
    upload_elsewhere = make_accepted(dana, number="WO-00100901")
    Shipment.objects.create(number="FSO-1", kind="FSO", work_order=upload_elsewhere)
    response = confirm(client, page)
    assert not response.context["may_import"]
    assert "Nothing was imported: the data has changed since the preview." in html_of(response)


def test_shipments_move_the_work_order(client, dana):
    work_order = make_accepted(dana, number="WO-00100900")
    response = upload(client, SHIPMENTS, SHIPMENT)
    assert fresh(work_order).status == Status.SHIP_TO_RECEIVED
    confirm(client, response)
    assert fresh(work_order).status == Status.SHIPPED


def test_file_that_is_none_is_refused_with_a_sentence(client, monkeypatch):
    assert "This field is required." in html_of(client.post(WORK_ORDERS, {}))
    binary = SimpleUploadedFile("x.csv", b"\x89PNG\r\n\x1a\n\0\xff")
    answer = client.post(WORK_ORDERS, {"file": binary}, follow=True)
    assert answer.context["result"].errors != ()
    monkeypatch.setattr("workorders.forms.staff.UPLOAD_LIMIT", 10)
    response = upload(client, WORK_ORDERS, ROW)
    assert (response.status_code, mismatches(response, "split it")) == (422, [])


@pytest.mark.parametrize("url", [WORK_ORDERS, SHIPMENTS])
def test_import_needs_the_permission(client_of, viewer, dana, url):
    for user in (viewer, dana):
        assert client_of(user).get(url).status_code == 403
        assert upload(client_of(user), url, ROW).status_code == 403


def test_import_of_work_orders_needs_the_right_to_add_them(client_of, staff):
    client = client_of(allow(staff, "view_workorder", "change_workorder"))
    assert [client.get(url).status_code for url in (WORK_ORDERS, SHIPMENTS)] == [403, 200]


KINDS = {"work-orders": WORK_ORDER_COLUMNS, "shipments": SHIPMENT_COLUMNS}


@pytest.mark.parametrize("kind", KINDS)
def test_columns_stand_beside_the_upload_with_samples_and_a_template(client, kind):
    address = reverse(f"admin:workorders_workorder_import_{kind}")
    text = html_of(client.get(address))
    codes = [f"<code>{column}</code>" for column in KINDS[kind]]
    files = [f"{name}.{ending}" for name in ("template", "sample") for ending in ("xlsx", "csv")]
    assert mismatches(text, *codes, *(f'href="{address}{name}"' for name in files)) == []
    contents = {name: client.get(address + name).getvalue() for name in files}
    assert contents["template.csv"].decode("utf-8-sig") == (
        ",".join(f'"{column}"' for column in KINDS[kind]) + "\r\n"
    )
    sheet = openpyxl.load_workbook(io.BytesIO(contents["template.xlsx"])).active
    assert ([*sheet.values], sheet.column_dimensions["A"].number_format) == (
        [tuple(KINDS[kind])],
        "@",
    )
    sample = openpyxl.load_workbook(io.BytesIO(contents["sample.xlsx"])).active
    assert next(iter(sample.values)) == tuple(KINDS[kind])
    assert sample.max_row > 5


def test_every_column_of_every_import_is_explained():
    for kind in IMPORTS:
        names = [column.name for column in import_columns(kind.name, kind.columns)]
        assert names == list(kind.columns) == list(HELD[kind.name])
        assert kind.told.keys() - {"target_on", "work order's target_on"} <= kind.columns.keys()


def test_preview_shows_what_is_new_by_subject_partner_site_and_target(client):
    ready = ROW | {"accepted_on": "2026-03-03", "parts_required": "no", "number": "WO-2"}
    rows = [ROW, ready | {"station_serial": "X2"}]
    text = " ".join(html_of(upload(client, WORK_ORDERS, *rows)).split())
    about = "Replace power module · VoltFix · Mission Creek Offices · Target SLA:"
    due = '<time datetime="2026-03-03">Tue, Mar 3</time>'
    assert mismatches(text, f"{about} none yet", f"{about} {due}") == []


def test_preview_says_how_a_file_was_read(client):
    row = ROW | {"city": "München", "site": "Straße"}
    text = ";".join(row) + "\r\n" + ";".join(row.values()) + "\r\n"
    file = SimpleUploadedFile("rows.csv", text.encode("cp1252"))
    response = client.post(WORK_ORDERS, {"file": file}, follow=True)
    assert mismatches(response, "read as Windows-1252: Straße, München.", "1 created") == []
    confirm(client, response)
    assert WorkOrder.objects.get().site.city == "München"


def test_workbook_is_imported_too(client):
    book = openpyxl.Workbook()
    book.active.append(list(ROW))
    book.active.append(list((ROW | {"assigned_on": dt.date(2026, 3, 2)}).values()))
    content = io.BytesIO()
    book.save(content)
    file = SimpleUploadedFile("rows.xlsx", content.getvalue())
    response = client.post(WORK_ORDERS, {"file": file}, follow=True)
    confirm(client, response)
    assert WorkOrder.objects.get().assigned_on == dt.date(2026, 3, 2)


def test_long_file_is_left_to_the_worker_and_found_again(client, monkeypatch):
    monkeypatch.setattr("workorders.services.importing.imports.SHORT", 10)
    page = upload(client, WORK_ORDERS, ROW)
    url = page.context["request"].path
    assert mismatches(page, "Waiting for its turn.", "You can leave this page", "<progress") == []
    Import.objects.update(claimed_until=timezone.now(), rows=7, checked=3)
    fragment = client.get(url, headers={"HX-Request": "true"})
    shown = ["Being checked.</strong> 3 of 7 rows.", ">Import work orders</a>"]
    assert mismatches(fragment, *shown, without=["<html"]) == []
    assert f'href="{url}"' in html_of(client.get(WORK_ORDERS))
    key = url.split("/")[-2]
    Import.objects.update(claimed_until=None)
    assert go_on_with_all() == 1
    assert client.get(url, headers={"HX-Request": "true"}).headers["HX-Refresh"] == "true"
    listed = '<a href="{}">rows.csv</a></th><td>1</td><td>Not imported yet</td>'
    assert mismatches(client.get(WORK_ORDERS), listed.format(url)) == []
    page = confirm(client, client.get(url))
    assert mismatches(page, "Waiting for its turn.", without=["Import now"]) == []
    Import.objects.update(claimed_until=timezone.now())
    assert mismatches(client.get(url), "Being checked once more, then imported.") == []
    Import.objects.update(has_begun=True)
    assert mismatches(client.get(url), "Being imported.") == []
    Import.objects.update(has_begun=False, claimed_until=None)
    go_on(key)
    assert mismatches(client.get(url), "Imported: 1 created, 0 updated, 0 unchanged.") == []


def test_other_rows_of_a_faulty_file_are_imported_and_the_refused_come_back(client):
    faulty = ROW | {"number": "WO-2", "assigned_on": "2026-02-30", "station_serial": "X2"}
    page = upload(client, WORK_ORDERS, ROW, faulty)
    assert mismatches(page, "Import the other rows", without=["Import now"]) == []
    page = confirm(client, page, good_rows_only="yes")
    assert mismatches(page, "Imported: 1 created", "Rows that were not imported") == []
    url = page.context["request"].path
    answer = client.get(url + "rejected.csv")
    assert answer.streaming
    (row,) = csv.DictReader(answer.getvalue().decode("utf-8-sig").splitlines())
    assert row == faulty | {"reason": "assigned_on: '2026-02-30' is not a date"}
    book = openpyxl.load_workbook(io.BytesIO(client.get(url + "rejected.xlsx").getvalue()))
    assert book.active["A2"].value == "WO-2"
    assert list(WorkOrder.objects.values_list("number", flat=True)) == [ROW["number"]]


def test_upload_sent_twice_is_one_import(client):
    text = ",".join(ROW) + "\r\n" + ",".join(f'"{cell}"' for cell in ROW.values())
    for _ in range(2):
        file = SimpleUploadedFile("rows.csv", text.encode())
        client.post(WORK_ORDERS, {"file": file, "form_key": "one"})
    assert Import.objects.count() == 1


def test_file_that_cannot_be_stored_is_refused_at_its_field(client, monkeypatch):
    def full(*args: object) -> None:
        raise OSError("No space left on device")

    monkeypatch.setattr("django.core.files.storage.default_storage.save", full)
    response = upload(client, WORK_ORDERS, ROW)
    assert (response.status_code, Import.objects.count()) == (422, 0)
    assert "The portal could not store this file" in html_of(response)


@pytest.mark.parametrize("page", ["import_work-orders", "export", "changelist"])
def test_no_place_is_named_twice_on_the_way_to_a_page(client, page):
    text = html_of(client.get(reverse(f"admin:workorders_workorder_{page}")))
    trail = re.search(r'<(div|ol) class="breadcrumbs">(.*?)</\1>', text, re.DOTALL)[2]
    places = [place.strip() for place in re.sub("<[^>]+>", "", trail).split("&rsaquo;")]
    places = [place.strip() for each in places for place in each.split("›")]
    assert places[:2] == ["Home", "Work orders"]
    assert len(places) == len(set(places))


def test_a_file_that_cannot_be_read_has_no_rows_that_were_refused(client):
    file = SimpleUploadedFile("rows.csv", b"nothing,of,this\r\n1,2,3")
    page = client.post(WORK_ORDERS, {"file": file}, follow=True)
    url = page.context["request"].path
    assert client.get(url + "rejected.csv").status_code == 404
