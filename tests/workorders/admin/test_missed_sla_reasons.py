"""The reasons for delay: a list to read, to filter and to export as CSV that no
spreadsheet runs.
"""

import csv
import datetime as dt
import io
from typing import Any

import openpyxl
import pytest
from django.urls import reverse

from portal.people.models import Separator
from portal.people.services import choose_separator
from tests.factories import make_accepted, make_territory
from tests.pages import html_of, mismatches
from tests.workorders.admin.conftest import allow
from workorders.csv_files import plain_cell, safe_cell
from workorders.models import MissedSLAReason
from workorders.services import Booking, answer_verdict, book_appointment, review_reason
from workorders.states import DELAY_DESCRIPTIONS, DelayReason, VerdictKind

pytestmark = pytest.mark.once

LIST = reverse("admin:workorders_missedslareason_changelist")
EXPORT = reverse("admin:workorders_missedslareason_export")
WORKBOOK = reverse("admin:workorders_missedslareason_export_xlsx")
# session, user, permissions of user and groups, two filters, count, rows, past without a date
QUERIES_OF_THE_LIST = 7
FORMULAS = [
    *(
        "=1+1",
        "+1",
        "-1",
        "@SUM(A1)",
        "\t=1",
        "\r=1",
        "\n=1",
        " =1",
        "  +1",
        "\u00a0=1",
        "\u3000=1",
    ),
    *("＝1+1", "＋1", "－1", "＠1", "|calc", "%0", '"=1"', "\t@", "=HYPERLINK(1);=1", "=1,=2"),
]


def missed(
    dana: Any, note: str = "", reason: DelayReason = DelayReason.WEATHER, **fields: Any
) -> MissedSLAReason:
    """Target Tue, Mar 10; the appointment on Fri, Mar 13 is three business days late."""
    work_order = make_accepted(
        dana, parts_required=False, assigned_on=dt.date(2026, 3, 9), **fields
    )
    booking = Booking(
        at=dt.datetime(2026, 3, 13, 17, 30, tzinfo=dt.UTC),
        technician_name="Tess",
        contact_phone="+1 415 555 0100",
        reason=reason,
        note=note,
        confirmed_target=work_order.target_on,
    )
    book_appointment(work_order, booking, by=dana)
    return MissedSLAReason.objects.get(work_order=work_order)


def exported(client: Any, **query: Any) -> list[dict[str, str]]:
    response = client.get(EXPORT, query)
    assert response.status_code == 200
    return list(csv.DictReader(io.StringIO(response.getvalue().decode("utf-8-sig"))))


@pytest.mark.parametrize("rows", [1, 3])
def test_list_asks_the_same_number_of_queries_for_1_and_3_rows(
    client, dana, rows, django_assert_num_queries
):
    for _ in range(rows):
        missed(dana)
    with django_assert_num_queries(QUERIES_OF_THE_LIST) as captured:
        response = client.get(LIST)
    assert len(response.context["cl"].result_list) == rows
    assert [query["sql"] for query in captured.captured_queries if "DISTINCT" in query["sql"]] == []


def test_list_shows_the_reason_with_its_description(client, dana, settings):
    settings.OPERATOR_NAME = "Chargers & Co"
    row = missed(dana, reason=DelayReason.WORK_ORDER_MANAGEMENT)
    text = html_of(client.get(LIST, {"reason": "weather"}))
    for reason in DelayReason:
        described = (
            DELAY_DESCRIPTIONS[reason].format(operator="Chargers &amp; Co").replace("'", "&#x27;")
        )
        assert f'<small class="about">{described}</small>' in text
    text = html_of(client.get(LIST))
    assert f'href="/work-orders/{row.work_order.number}/"' in text
    assert (
        '<time datetime="2026-03-13T10:30-07:00"><span>Fri, Mar 13,</span> <span>10:30 AM'
        " PDT</span></time>" in text
    )


def shown(client: Any, **query: Any) -> list[int]:
    return sorted(row.pk for row in client.get(LIST, query).context["cl"].result_list)


@pytest.mark.every_database
def test_list_is_filtered_and_searched(client, dana, omar):
    weather = missed(dana, number="WO-1", case_number="00777").pk
    poc = missed(omar, number="WO-2", reason=DelayReason.UNRESPONSIVE_POC).pk
    bavaria = make_territory("DE-BY", "DE", "BY")
    technician = missed(dana, number="WO-3", reason=DelayReason.TECHNICIAN, territory=bavaria).pk
    MissedSLAReason.objects.filter(pk=technician).update(
        given_at=dt.datetime(2026, 1, 31, 23, 59, tzinfo=dt.UTC)
    )
    assert shown(client, reason="weather") == [weather]
    assert shown(client, reason="other") == [weather, poc, technician]
    assert shown(client, work_order__partner__id__exact=omar.partner_id) == [poc]
    assert shown(client, work_order__territory__id__exact=bavaria.pk) == [technician]
    assert shown(client, month="2026-03") == [weather, poc]
    assert shown(client, month="2026-01") == [technician]
    assert shown(client, month="2026-02") == []
    assert shown(client, month="9999-12") == [weather, poc, technician]
    assert shown(client, month="March") == [weather, poc, technician]
    assert shown(client, q="WO-2") == [poc]
    assert shown(client, q="00777") == [weather]
    assert [row["Work Order Number"] for row in exported(client, month="2026-01")] == ["WO-3"]


def test_export_holds_dates_and_description(client, dana):
    missed(dana, "Storm", number="WO-1", case_number="00777")
    response = client.get(EXPORT)
    assert (
        response.headers["Content-Disposition"]
        == 'attachment; filename="missed-sla-reasons-2026-03-09.csv"'
    )
    assert exported(client) == [
        {
            "Work Order Number": "WO-1",
            "Case": "00777",
            "Partner": "VoltFix",
            "Service Territory": "US-Federal",
            "Reason for Delay": "Delay due to weather",
            "Description": "The forecast rules the work out until after the target date.",
            "Note": "Storm",
            "Target SLA": "2026-03-10",
            "Appointment Date": "2026-03-13",
            "Appointment at the site": "2026-03-13T10:30-07:00",
            "Business days late": "3",
            "Given by": "Dana",
            "Given at (UTC)": "2026-03-09T20:00:00+00:00",
            "Verdict": "",
            "Note to the verdict": "",
            "Reviewed by": "",
            "Reviewed at (UTC)": "",
            "Answer": "",
        }
    ]


def test_export_holds_the_last_verdict_with_note_judge_and_answer(client, dana, staff):
    allow(staff, "view_workorder", "view_missedslareason", "change_missedslareason")
    reason = missed(dana, "Storm", number="WO-1")
    review_reason(reason, kind=VerdictKind.MORE, note="Which?", by=staff)
    verdict = review_reason(reason, kind=VerdictKind.NOT_EXCUSED, note="Dry all day.", by=staff)
    answer_verdict(verdict, body="Here is the warning: -1 °C", by=dana)
    (row,) = exported(client)
    names = ["Verdict", "Note to the verdict", "Reviewed by", "Reviewed at (UTC)", "Answer"]
    assert [row[name] for name in names] == [
        "Not excused",
        "Dry all day.",
        staff.name,
        "2026-03-09T20:00:00+00:00",
        "Here is the warning: -1 °C",
    ]


def test_export_is_offered_as_a_workbook_and_with_the_separator_of_the_person(
    client, dana, coordinator
):
    missed(dana, "=1;+2", number="WO-1")
    text = html_of(client.get(LIST, {"q": "WO-1"}))
    assert mismatches(text, f"{EXPORT}?q=WO-1", f"{WORKBOOK}?q=WO-1", "separated by commas") == []
    (note,) = [row["Note"] for row in exported(client)]
    sheet = openpyxl.load_workbook(io.BytesIO(client.get(WORKBOOK).getvalue())).active
    headings, cells = sheet.values
    assert dict(zip(headings, cells, strict=True))["Note"] == note == "'=1;'+2"
    assert {cell.data_type for row in sheet.rows for cell in row} <= {"s", "n"}
    choose_separator(coordinator, Separator.SEMICOLON)
    text = client.get(EXPORT).getvalue().decode()
    assert text.startswith('\ufeff"Work Order Number";"Case";')


@pytest.mark.parametrize("formula", FORMULAS)
def test_export_leads_a_formula_with_an_apostrophe(client, dana, formula):
    missed(dana, formula, number="WO-1")
    (note,) = [row["Note"] for row in exported(client)]
    assert note == safe_cell(formula)
    assert (note[0], plain_cell(note)) == ("'", formula)


def test_export_leaves_plain_words_alone(client, dana):
    missed(dana, "Storm; see =A1, 50 % „später“\nline two")
    assert [row["Note"] for row in exported(client)] == ["Storm; see =A1, 50 % „später“\nline two"]


def test_export_of_a_wrong_filter_leads_back_to_the_list(client, dana, amped):
    assert client.get(EXPORT, {"work_order__partner__id__exact": "x"}).status_code == 302


def test_export_streams_at_a_fixed_number_of_queries(client, dana, django_assert_num_queries):
    for _ in range(3):
        missed(dana)
    # it says nothing of work past without a date, and is kept in the audit
    with django_assert_num_queries(QUERIES_OF_THE_LIST):
        assert len(exported(client)) == 3


@pytest.mark.parametrize("url", [LIST, EXPORT])
def test_only_staff_with_the_permission_read_them(client_of, rita, viewer, dana, url):
    assert [client_of(user).get(url).status_code for user in (rita, dana, viewer)] == [
        403,
        403,
        200,
    ]


def test_nobody_writes_one(client_of, admin_user, dana):
    row = missed(dana, "Storm")
    client = client_of(admin_user)
    change = reverse("admin:workorders_missedslareason_change", args=[row.pk])
    assert client.get(change).status_code == 200
    assert (
        client.post(change, {"note": "x", "reason": "technician"}).status_code == 422
    )  # it takes verdicts only
    assert (
        client.post(reverse("admin:workorders_missedslareason_delete", args=[row.pk])).status_code
        == 403
    )
    assert client.get(reverse("admin:workorders_missedslareason_add")).status_code == 403
    client.post(
        LIST,
        {
            "form-TOTAL_FORMS": "1",
            "form-INITIAL_FORMS": "1",
            "form-0-id": row.pk,
            "form-0-note": "x",
        },
    )
    assert list(MissedSLAReason.objects.values_list("note", "reason")) == [("Storm", "weather")]
