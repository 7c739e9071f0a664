"""A real start: everything that is needed, once, and an administrator without a default
password.
"""

import datetime as dt
import io
from io import StringIO

import pytest
from django.contrib.auth.models import Group
from django.core.management import CommandError, call_command
from django.test import Client

from portal.outbox.models import Message
from portal.people.models import User
from portal.people.roles import Role
from tests.factories import make_territory, make_user
from workorders.models import CalendarDay, CarrierService, Entitlement, ServiceTerritory
from workorders.services.setting_up import STAFF_GROUP, staff_permissions

pytestmark = pytest.mark.django_db


NO_ADMINISTRATOR_YET = 3  # the exit status after all else is made


def setup(*arguments: str) -> tuple[str, str]:
    out, err = StringIO(), StringIO()
    try:
        call_command("setup", *arguments, stdout=out, stderr=err)
    except CommandError as error:
        if error.returncode != NO_ADMINISTRATOR_YET:
            raise
        err.write(f"{error}\n")
    return out.getvalue(), err.getvalue()


@pytest.fixture(autouse=True)
def _nobody_answers(monkeypatch) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO(""))


def test_it_makes_territories_with_their_calendars(clock):
    setup()
    spans = ServiceTerritory.objects.values_list("name", "country", "subdivision", "first", "last")
    first, last = dt.date(2025, 1, 1), dt.date(2030, 12, 31)
    assert list(spans) == [
        ("CA-ON", "CA", "ON", first, last),
        ("DE-BY", "DE", "BY", first, last),
        ("GB-ENG", "GB", "ENG", first, last),
        ("US-CA", "US", "CA", first, last),
        ("US-Federal", "US", "", first, last),
    ]
    july = CalendarDay.objects.filter(territory__name="US-Federal", day__year=2026, day__month=7)
    assert list(july.values_list("day", "name", "worked")) == [
        (dt.date(2026, 7, 3), "Independence Day (observed)", False),
        (dt.date(2026, 7, 4), "Independence Day", False),
    ]


def test_it_makes_entitlements_and_carrier_services():
    setup()
    assert list(
        Entitlement.objects.values_list("name", "business_days", "start_without_parts")
    ) == [
        ("Assure", 1, "assigned"),
        ("Assure 3-Day", 3, "assigned"),
        ("Parts Warranty", 5, "accepted"),
    ]
    services = CarrierService.objects.values_list("carrier", "service", "transit_business_days")
    assert list(services) == [
        ("DHL", "Express Worldwide", 3),
        ("FedEx", "2Day", 2),
        ("FedEx", "Ground", 5),
        ("UPS", "Ground", 5),
        ("UPS", "Next Day Air", 1),
    ]
    for service in CarrierService.objects.all():
        service.full_clean()


def test_it_counts_one_business_day_and_several_business_days():
    out, _ = setup()
    for sentence in (
        "Entitlement Assure: 1 business day.",
        "Carrier service FedEx 2Day: 2 business days.",
    ):
        assert sentence in out.splitlines()


def test_staff_get_their_rights_by_a_group(staff):
    setup()
    staff.groups.add(Group.objects.get(name=STAFF_GROUP))
    assert staff.has_perms(staff_permissions())
    assert not staff.has_perm("workorders.delete_workorder")
    assert not staff.has_perm("workorders.change_ledgerentry")


def test_existing_group_learns_what_is_new_and_nothing_else():
    setup()
    group = Group.objects.get(name=STAFF_GROUP)
    group.permissions.remove(*group.permissions.filter(content_type__model="calendarproposal"))
    group.permissions.remove(*group.permissions.filter(codename="change_partner"))
    assert setup()[0] == "Group Staff: 2 more permissions, on what is new: calendar proposal.\n"
    assert sorted(
        group.permissions.filter(content_type__model="calendarproposal").values_list(
            "codename", flat=True
        )
    ) == [
        "change_calendarproposal",
        "view_calendarproposal",
    ]
    assert not group.permissions.filter(codename="change_partner").exists()
    assert (
        setup()[0]
        == "Territories, entitlements, carrier services and the group Staff already exist.\n"
    )


def test_staff_change_days_by_proposals_only(staff):
    setup()
    days = Group.objects.get(name=STAFF_GROUP).permissions.filter(content_type__model="calendarday")
    assert list(days.values_list("codename", flat=True)) == ["view_calendarday"]


def test_what_exists_is_left_alone():
    setup()
    Entitlement.objects.filter(name="Assure").update(business_days=2)
    Group.objects.get(name=STAFF_GROUP).permissions.clear()
    CalendarDay.objects.filter(territory__name="US-CA").delete()
    out, _ = setup()
    assert out == "Territories, entitlements, carrier services and the group Staff already exist.\n"
    assert Entitlement.objects.get(name="Assure").business_days == 2
    assert Group.objects.get(name=STAFF_GROUP).permissions.count() == 0
    assert CalendarDay.objects.filter(territory__name="US-CA").count() == 0


def test_the_administrator_is_invited_and_chooses_the_password(settings):
    out, _ = setup("--email", "Ada@Example.com", "--name", "Ada Long")
    user = User.objects.get()
    assert (user.email, user.name, user.role, user.is_superuser) == (
        "ada@example.com",
        "Ada Long",
        Role.STAFF,
        True,
    )
    assert not user.has_usable_password()
    assert Message.objects.get().to == "ada@example.com"
    link = out.split()[-1]
    assert link.startswith(settings.PORTAL_BASE_URL)
    assert Client().get(link.removeprefix(settings.PORTAL_BASE_URL), follow=True).status_code == 200


def test_without_anybody_to_ask_no_administrator_is_made():
    _, err = setup()
    assert err == "There is no administrator yet: run setup again with --email and --name.\n"
    assert User.objects.count() == 0


def test_it_asks_for_what_was_not_given(monkeypatch):
    monkeypatch.setattr("sys.stdin", io.StringIO("ada@example.com\nAda Long\n"))
    setup()
    assert User.objects.get().name == "Ada Long"


def test_an_administrator_who_has_a_password_is_left_alone(admin_user):
    out, _ = setup("--email", "eve@example.com", "--name", "Eve")
    assert out.splitlines()[-1] == "There is already an administrator: admin@chargepoint.example."
    assert User.objects.get() == admin_user


def test_a_new_link_is_printed_until_a_password_is_chosen():
    first, _ = setup("--email", "ada@example.com", "--name", "Ada Long")
    second, _ = setup()
    assert second.splitlines()[-1].startswith(
        first.splitlines()[-1].split("/invitations/")[0] + "/invitations/"
    )
    assert User.objects.count() == 1


@pytest.mark.parametrize("bad", ["nobody", "a@b@c", "a" * 300 + "@example.com"])
def test_what_is_no_address_is_refused(bad):
    with pytest.raises(CommandError):
        setup("--email", bad, "--name", "Ada")
    assert User.objects.count() == 0


def test_an_address_in_use_is_refused(dana):
    make_user("ada@voltfix.example", partner=dana.partner)
    with pytest.raises(CommandError):
        setup("--email", "ada@voltfix.example", "--name", "Ada")


# --- Which territories, and which holidays
def answers(monkeypatch, *typed: str) -> tuple[str, str]:
    """Nobody is invited: the questions about the administrator stay empty."""
    monkeypatch.setattr("sys.stdin", io.StringIO("\n".join(["", *typed, ""])))
    return setup()


def names() -> list[str]:
    return [territory.name for territory in ServiceTerritory.objects.all()]


def test_it_asks_which_territories_to_make(monkeypatch):
    out, _ = answers(monkeypatch, "US-CA, DE-NW", "", "")
    assert names() == ["DE-NW", "US-CA"]
    lines = out.splitlines()
    assert (
        "Territory US-CA: 73 holidays from 2025-01-01 to 2030-12-31; never closes for Cesar Chavez"
        " Day, Diwali, Susan B. Anthony Day." in lines
    )
    assert setup()[0] == (
        "Territories, entitlements, carrier services and the group Staff already exist.\n"
    )
    assert names() == ["DE-NW", "US-CA"]


def test_none_need_be_made(monkeypatch):
    answers(monkeypatch, "-")
    assert names() == []


def test_it_asks_again_for_a_place_that_is_not_known(monkeypatch):
    _, err = answers(monkeypatch, "US-XX", "US-TX", "")
    assert "No calendar can be made: unknown subdivision 'XX' of US." in err
    assert names() == ["US-TX"]


def test_it_shows_the_closed_days_by_year_and_a_person_ticks(monkeypatch, clock):
    out, _ = answers(monkeypatch, "US-CA", "5, 11", "")
    rows = [" ".join(line.split()) for line in out.splitlines()]
    assert "Holiday Listed as 2026 2027 2028" in rows
    assert "5 [ ] Cesar Chavez Day public Mar 31 Mar 31 Mar 31" in rows
    assert "5 [x] Cesar Chavez Day public Mar 31 Mar 31 Mar 31" in rows
    assert "11 [ ] Veterans Day public Nov 11 Nov 11 Nov 10, Nov 11" in rows
    territory = ServiceTerritory.objects.get()
    assert territory.never_closes == ["Diwali", "Susan B. Anthony Day", "Veterans Day"]
    assert territory.always_closes == ["Cesar Chavez Day"]
    closed = set(territory.days.filter(day__year=2026).values_list("name", flat=True))
    assert closed & {"Cesar Chavez Day", "Veterans Day"} == {"Cesar Chavez Day"}


def test_territories_may_be_named_on_the_command_line():
    setup("--territories", "US-Federal,CH-ZH")
    assert names() == ["CH-ZH", "US-Federal"]
    with pytest.raises(CommandError, match="CH needs a subdivision"):
        setup("--territories", "CH")


def test_territory_of_an_earlier_version_gets_a_proposal():
    make_territory("US-CA", "US", "CA")
    out, _ = setup("--territories", "-")
    assert "Territory US-CA: 25 days differ, other holidays, covered to 2030-12-31, proposed." in (
        out.splitlines()
    )
    assert ServiceTerritory.objects.get().never_closes == []
