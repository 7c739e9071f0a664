"""Eight copies of a form at the same time, on either database: written once, and each copy gets
the same answer.
"""

from typing import Any

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from portal.people.models import Partner, SentForm, User
from tests.factories import fresh, make_admin, make_dana, make_partner, make_tess
from tests.threads import at_once
from tests.workorders.every_action import ACTIONS
from tests.workorders.status_matrix import rows, work_order_in
from tests.workorders.test_every_action import of_partner, of_staff
from tests.workorders.uploads import JPEG, upload
from workorders.models import Account, LedgerEntry

COPIES = 8
# the others are asked in `make test-all`
ALWAYS = {"accept", "add-file", "book", "comment", "report-part", "cancel", "follow-on", "edit"}
OTHER_FORMS = {
    "onboard": ("/technicians/", {"name": "Nia", "email": "nia@voltfix.example"}),
    "mailbox": ("/notifications/mailbox/", {"shared_mailbox": "all@voltfix.example"}),
    "partner": ("/admin/people/partner/add/", {"name": "Fourth"}),
    "account": ("/admin/workorders/account/add/", {"name": "Harbor Retail"}),
}


def forms() -> list[Any]:
    """Each action's form on the partner's page and on staff's."""
    sides = [(name, "page") for name, action in ACTIONS.items() if action.page]
    sides += [(name, "step") for name, action in ACTIONS.items() if action.staff_page]
    return [
        pytest.param(name, side, marks=() if name in ALWAYS else pytest.mark.nightly)
        for name, side in sides
    ]


def column_of(name: str) -> str:
    """The first status of the table in which the action can be taken."""
    cells = next(cells for row, _, cells in rows() if row == name)
    return next(column for column, cell in cells.items() if cell not in (".", "!", "s"))


def copies(person: User, address: str, data: dict[str, Any]) -> list[tuple[int, str]]:
    """Eight at once, as one browser sends them: status and address of each answer."""
    browser = Client()
    browser.force_login(person)
    session = browser.cookies[settings.SESSION_COOKIE_NAME].value

    def send() -> tuple[int, str]:
        client = Client()
        client.cookies[settings.SESSION_COOKIE_NAME] = session
        files = {name: upload(JPEG) for name, value in data.items() if is_file(value)}
        answer = client.post(address, data | files)
        return answer.status_code, answer.headers.get("Location", "")

    return at_once(*[send] * COPIES)


def is_file(value: object) -> bool:
    return isinstance(value, SimpleUploadedFile)


@pytest.fixture(autouse=True)
def _at_nine(clock, real_transactions) -> None:
    """Monday morning, with real commits."""


@pytest.mark.parametrize(("name", "side"), forms())
def test_form_of_an_action_is_written_once(name, side):
    make_partner("Third")
    dana, tess, staff = make_dana(), make_tess(), make_admin()
    row, action = work_order_in(column_of(name), dana, tess, staff), ACTIONS[name]
    person = dana if side == "page" else staff
    action.first(row, person)
    row = fresh(row)
    address = of_partner(row, action) if side == "page" else of_staff(row, action)
    data = {"version": row.version} | action.data(row) | {"form_key": "k1"}
    answers = copies(person, address, data)
    assert answers == [answers[0]] * COPIES
    assert answers[0][0] == 302
    entries = LedgerEntry.objects.filter(work_order=row, version__gt=row.version)
    assert len({entry.version for entry in entries}) == 1
    assert SentForm.objects.count() == 1


@pytest.mark.parametrize("name", OTHER_FORMS)
def test_any_other_form_is_written_once(name):
    address, data = OTHER_FORMS[name]
    person = make_admin() if address.startswith("/admin/") else make_dana()
    answers = copies(person, address, data | {"form_key": "k1"})
    assert answers == [(302, answers[0][1])] * COPIES
    assert SentForm.objects.count() == 1


@pytest.mark.parametrize("name", ["onboard", "partner", "account"])
def test_forms_without_a_key_are_refused_by_name_and_never_break(name):
    address, data = OTHER_FORMS[name]
    person = make_admin() if address.startswith("/admin/") else make_dana()
    answers = copies(person, address, data)
    assert sorted({status for status, _ in answers}) in ([200, 302], [302, 422])
    assert Partner.objects.filter(name="Fourth").count() <= 1
    assert Account.objects.filter(name="Harbor Retail").count() <= 1
    assert User.objects.filter(email="nia@voltfix.example").count() <= 1


def test_addresses_of_other_forms_exist():
    named = {reverse("technicians"), reverse("notification-mailbox")}
    assert named <= {address for address, _ in OTHER_FORMS.values()}
