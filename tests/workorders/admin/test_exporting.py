"""Staff export the filtered list: work orders and shipments for the import, and a report."""

import csv
import io
from typing import Any

import openpyxl
import pytest
from django.urls import reverse

from portal.people.models import Separator
from portal.people.services import choose_separator
from tests.factories import make_accepted, make_work_order, ship
from tests.pages import html_of, mismatches
from workorders.admin.exporting import ENDINGS, EXPORTS
from workorders.exports import for_import, work_orders

pytestmark = pytest.mark.once

PAGE = reverse("admin:workorders_workorder_export")
COLUMNS = {
    "work-orders": for_import.WORK_ORDER_COLUMNS,
    "shipments": for_import.SHIPMENT_COLUMNS,
    "report": work_orders.COLUMNS,
}


def url(name: str, ending: str) -> str:
    return reverse(f"admin:workorders_workorder_export_{name}_{ending}")


def rows_of(response: Any, ending: str, separator: str = ",") -> list[list[str]]:
    if ending == "csv":
        text = response.getvalue().decode()
        assert text.startswith("\ufeff")
        return list(csv.reader(io.StringIO(text[1:], newline=""), delimiter=separator))
    sheet = openpyxl.load_workbook(io.BytesIO(response.getvalue())).active
    return [[cell or "" for cell in row] for row in sheet.values]


@pytest.fixture
def two(dana) -> None:
    ship(make_accepted(dana, number="WO-1", subject="Replace cable"))
    make_work_order(number="WO-2", subject="Install modem")


@pytest.mark.usefixtures("two")
def test_page_offers_each_file_for_the_list_as_it_is_filtered(client):
    text = html_of(client.get(reverse("admin:workorders_workorder_changelist"), {"q": "WO-1"}))
    assert mismatches(text, f'href="{PAGE}?q=WO-1"') == []
    text = html_of(client.get(PAGE, {"q": "WO-1"}))
    links = [f'href="{url(kind.name, ending)}?q=WO-1"' for kind in EXPORTS for ending in ENDINGS]
    assert mismatches(text, "1 work order</strong>, as the list is filtered", *links) == []
    assert mismatches(html_of(client.get(PAGE)), "2 work orders</strong>.") == []


@pytest.mark.usefixtures("two")
@pytest.mark.parametrize("ending", ENDINGS)
@pytest.mark.parametrize("name", COLUMNS)
def test_file_holds_the_list_as_it_is_filtered(client, name, ending):
    response = client.get(url(name, ending), {"q": "WO-1"})
    shown = f'attachment; filename="{name}-2026-03-09.{ending}"'
    assert response.headers["Content-Disposition"] == shown
    headings, *rows = rows_of(response, ending)
    assert headings == COLUMNS[name]
    assert [row[0] for row in rows] == ["FSO-1" if name == "shipments" else "WO-1"]
    assert len(rows_of(client.get(url(name, ending)), ending)) == (2 if name == "shipments" else 3)


@pytest.mark.usefixtures("two")
@pytest.mark.parametrize("separator", Separator)
def test_csv_has_the_separator_that_the_person_chose(client, coordinator, separator):
    choose_separator(coordinator, separator)
    sign = {"comma": ",", "semicolon": ";", "tab": "\t"}[separator]
    for name, columns in COLUMNS.items():
        assert rows_of(client.get(url(name, "csv")), "csv", sign)[0] == columns
    assert f"separated by {separator}s" in html_of(client.get(PAGE))


@pytest.mark.parametrize("rows", [1, 3])
@pytest.mark.parametrize(("name", "queries"), [("work-orders", 10), ("shipments", 10)])
def test_file_takes_as_many_queries_for_three_rows_as_for_one(
    client, dana, rows, name, queries, django_assert_num_queries
):
    for number in range(rows):
        ship(make_accepted(dana, number=f"WO-{number}"), number=f"FSO-{number}")
    with django_assert_num_queries(queries):
        assert len(rows_of(client.get(url(name, "csv")), "csv")) == rows + 1


def test_only_staff_who_may_view_work_orders_export_them(client_of, rita, viewer, dana):
    for address in (PAGE, url("work-orders", "csv"), url("shipments", "xlsx")):
        statuses = [client_of(user).get(address).status_code for user in (rita, dana, viewer)]
        assert statuses == [403, 403, 200]


@pytest.mark.usefixtures("voltfix", "amped")
def test_wrong_filter_leads_back_to_the_list(client):
    for address in (PAGE, url("report", "csv")):
        assert client.get(address, {"partner__id__exact": "x"}).status_code == 302
