"""Eight copies at the same moment of the forms that are no action on a work order."""

import datetime as dt
from collections.abc import Callable
from typing import Any, NamedTuple

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from portal.people.models import SentForm, User
from portal.people.roles import Role
from tests.factories import (
    make_accepted,
    make_admin,
    make_dana,
    make_entitlement,
    make_site,
    make_territory,
    make_tess,
    make_user,
    make_voltfix,
    make_work_order,
)
from tests.workorders.admin.calendars import TUESDAY, closing
from tests.workorders.any_state import change
from tests.workorders.services.importing.import_files import NOW, as_csv, prepare, sample
from tests.workorders.test_sent_at_once import COPIES, copies
from workorders import services
from workorders.models import MissedSLAReason, Notification
from workorders.states import DelayReason, VerdictKind

ALWAYS = {"import"}  # the others are asked in `make test-all`


class Sent(NamedTuple):
    """A form, and who sends it."""

    person: User
    address: str
    data: dict[str, Any]


def of_admin(page: str, /, *args: Any, **data: Any) -> Sent:
    return Sent(make_admin(), reverse(f"admin:{page}", args=args), data)


def choices() -> Sent:
    dana, address = make_dana(), reverse("notification-choices")
    browser = Client()
    browser.force_login(dana)
    form = browser.get(address).context["form"]
    data = {field.html_name: field.value() or "" for field in form}
    return Sent(dana, address, data | {"time_zone": "America/Denver"})


def mailbox_read() -> Sent:
    dana = make_dana()
    services.comment(make_accepted(dana), body="Which gate?", by=make_admin())
    assert Notification.objects.unread().filter(user=dana).exists()
    return Sent(dana, reverse("read-notifications"), {})


def offboard() -> Sent:
    return Sent(make_dana(), reverse("offboard", args=[make_tess().pk]), {})


def invite() -> Sent:
    nia = make_user("nia@voltfix.example", Role.TECHNICIAN, partner=make_voltfix())
    User.objects.filter(pk=nia.pk).update(password="!")
    return Sent(make_dana(), reverse("invite-technician", args=[nia.pk]), {})


def add_person() -> Sent:
    who = {"email": "ned@voltfix.example", "name": "Ned", "role": "dispatcher"}
    return of_admin("people_user_add", **who, partner=make_voltfix().pk)


def erase() -> Sent:
    form = of_admin("people_user_erase", sure="on")
    return form._replace(address=f"{form.address}?keys={make_tess().pk}")


def add_site() -> Sent:
    place = {"street": "1 Main St", "city": "Reno", "region": "NV", "postal_code": "89501"}
    place |= {"country": "us", "time_zone": "America/Los_Angeles", "name": "Depot"}
    return of_admin("workorders_site_add", account=make_site().account_id, **place)


def add_station() -> Sent:
    data = {"site": make_site().pk, "serial": "X-1", "model": "CP6000"}
    return of_admin("workorders_station_add", **data)


def add_territory() -> Sent:
    days = {"weekend": [5, 6], "first": "2026-01-01", "last": "2029-12-31"}
    return of_admin("workorders_serviceterritory_add", name="US-NV", country="us", **days)


def add_entitlement() -> Sent:
    level = {"name": "Gold", "business_days": "2", "start_without_parts": "assigned"}
    return of_admin("workorders_entitlement_add", **level)


def add_carrier() -> Sent:
    data = {"carrier": "Post", "service": "Slow", "transit_business_days": "9", "tracking_url": ""}
    return of_admin("workorders_carrierservice_add", **data)


def add_work_order() -> Sent:
    like = make_work_order()
    data = {"number": "WO-7", "case_number": "7", "subject": "Cable", "work_type": "repair"}
    data |= {name: getattr(like, f"{name}_id") for name in ("partner", "site", "territory")}
    data |= {"station": like.station_id, "entitlement": make_entitlement().pk}
    change(like, status="canceled")
    return of_admin("workorders_workorder_add", assigned_on=like.assigned_on, **data)


def close_a_day() -> Sent:
    name = "workorders_serviceterritory_close"
    return of_admin(name, make_territory().pk, first="2026-03-10", last="", name="Move")


def approve() -> Sent:
    proposal = closing(make_territory(), TUESDAY, by=make_admin())
    lines = [line.pk for line in proposal.days.all()]
    return of_admin("workorders_calendarproposal_change", proposal.pk, lines=lines, _approve="1")


def change_entitlement() -> Sent:
    row = make_entitlement()
    level = {"name": row.name, "business_days": "3", "start_without_parts": "assigned"}
    name = "workorders_entitlement_change"
    return of_admin(name, row.pk, **level, seen="1", _confirmed="Change it")


def late() -> MissedSLAReason:
    row = make_accepted(make_dana(), parts_required=False)
    at = dt.datetime(2026, 3, 10, 17, tzinfo=dt.UTC)
    booking = services.Booking(
        at,
        "Robin",
        contact_phone="+1 415 555 0111",
        reason=DelayReason.WEATHER,
        confirmed_target=row.target_on,
    )
    services.book_appointment(row, booking, by=make_dana())
    return MissedSLAReason.objects.get()


def review() -> Sent:
    name = "workorders_missedslareason_change"
    return of_admin(name, late().pk, kind="excused", note="", seen="0")


def answer() -> Sent:
    reason = late()
    services.review_reason(reason, kind=VerdictKind.MORE, note="Which storm?", by=make_admin())
    address = reverse("answer-verdict", args=[reason.work_order.number])
    return Sent(make_dana(), address, {"body": "That of Sunday"})


def import_now() -> Sent:
    prepare()
    form = of_admin("workorders_workorder_import_work-orders")
    browser = Client()
    browser.force_login(form.person)
    file = SimpleUploadedFile("work_orders.csv", as_csv(sample("work_orders")))
    page = browser.post(form.address, {"file": file}, follow=True)
    return form._replace(address=page.context["request"].path, data={})


FORMS: dict[str, Callable[[], Sent]] = {
    "choices": choices,
    "read": mailbox_read,
    "offboard": offboard,
    "invite": invite,
    "person": add_person,
    "erase": erase,
    "site": add_site,
    "station": add_station,
    "territory": add_territory,
    "entitlement": add_entitlement,
    "carrier": add_carrier,
    "work order": add_work_order,
    "close a day": close_a_day,
    "approve": approve,
    "another level": change_entitlement,
    "review": review,
    "answer": answer,
    "import": import_now,
}


@pytest.mark.parametrize(
    "name", [pytest.param(n, marks=() if n in ALWAYS else pytest.mark.nightly) for n in FORMS]
)
def test_any_form_is_written_once(name, clock, real_transactions):
    clock.move_to(NOW, tick=False)
    person, address, data = FORMS[name]()
    answers = copies(person, address, data | {"form_key": "k1"})
    assert answers == [answers[0]] * COPIES
    assert answers[0][0] == 302
    assert SentForm.objects.count() == 1
