"""What needs staff's attention, on the admin's first page. Without problems it is empty."""

from collections.abc import Iterator
from typing import Any, NamedTuple

from django.conf import settings
from django.db.models import F, Q
from django.urls import reverse

from portal.health import what_backups_owe, what_the_worker_owes
from portal.outbox.models import Message, State
from portal.people.models import User
from portal.people.roles import Right
from portal.standby import what_the_standby_owes
from portal.steady_cache import first_cache_answers
from workorders.models import CalendarProposal, Entitlement, ServiceTerritory, WorkOrder
from workorders.services.calendars.refreshing import coverage_warning
from workorders.services.following import has_pending_revision
from workorders.states import WaitsFor
from workorders.targets.due import counted

BEYOND_CALENDAR = Q(counts_as_open=True, waits_for=WaitsFor.CALENDAR)


class Alert(NamedTuple):
    """A sentence, and the page where something can be done about it, if there is one."""

    sentence: str
    label: str = ""
    url: str = ""


def alerts(user: Any) -> list[Alert]:
    """List the alerts about what this person may see."""
    found: list[Alert] = []
    if user.may(Right.READ_PROPOSALS):
        found += _proposals()
    if user.may(Right.READ_CALENDARS):
        found += _territories()
    if user.may(Right.READ_ENTITLEMENTS):
        found += _entitlements()
    if user.may(Right.READ):
        found += _work_orders(user)
    if user.is_superuser:
        found += _demo_accounts()
    if user.may(Right.READ_MAILS):
        found += [*_mails(), *_cache(), *_worker(), *_backup(), *_standby()]
    return found


def _proposals() -> Iterator[Alert]:
    if count := CalendarProposal.objects.filter(verdict="").count():
        waits = "waits" if count == 1 else "wait"
        url = reverse("admin:workorders_calendarproposal_changelist")
        sentence = f"{counted(count, 'proposed calendar change')} {waits} for a decision."
        yield Alert(sentence, "Look at them" if count > 1 else "Look at it", f"{url}?verdict=open")


def _territories() -> Iterator[Alert]:
    for territory in ServiceTerritory.objects.all():
        if warning := coverage_warning(territory):
            url = reverse("admin:workorders_serviceterritory_change", args=[territory.pk])
            yield Alert(warning, "Its calendar", url)
        if has_pending_revision(territory):
            yield Alert(
                f"Open work orders of {territory} are being recalculated after a change to its"
                " calendar."
            )


def _entitlements() -> Iterator[Alert]:
    for entitlement in Entitlement.objects.filter(applied_revision__lt=F("revision")):
        yield Alert(
            f"Open work orders under {entitlement} are being recalculated after a change to what"
            " it promises."
        )


def _work_orders(user: Any) -> Iterator[Alert]:
    if count := WorkOrder.objects.visible_to(user).filter(BEYOND_CALENDAR).count():
        have = "has" if count == 1 else "have"
        sentence = (
            f"{counted(count, 'open work order')} {have} no Target SLA: the calendar does"
            " not reach it."
        )
        yield Alert(
            sentence, "The list", f"{reverse('admin:workorders_workorder_changelist')}?sla=calendar"
        )


def _worker() -> Iterator[Alert]:
    if owed := what_the_worker_owes():
        yield Alert(f"Mails, reminders and changed calendars may wait: {owed}.")


def _backup() -> Iterator[Alert]:
    if owed := what_backups_owe():
        yield Alert(owed)


def _standby() -> Iterator[Alert]:
    if owed := what_the_standby_owes():
        yield Alert(owed)


def _cache() -> Iterator[Alert]:
    if not first_cache_answers():
        yield Alert(
            "The cache does not answer. The limits on logins are kept in the database meanwhile."
        )


def _demo_accounts() -> Iterator[Alert]:
    """Whoever knows README.md gets in with them."""
    if not settings.MFA_REQUIRED:
        return
    if count := User.objects.filter(is_demo=True, is_active=True).count():
        sentence = (
            f"{counted(count, 'demo account')} can log in with a password that everybody knows, and"
            " without a second factor. Deactivate what you do not need."
        )
        yield Alert(sentence, "The people", reverse("admin:people_user_changelist"))


def _mails() -> Iterator[Alert]:
    if count := Message.objects.in_state(State.GIVEN_UP).count():
        url = f"{reverse('admin:outbox_message_changelist')}?state={State.GIVEN_UP}"
        yield Alert(
            f"{counted(count, 'e-mail')} could not be sent after five attempts.", "The outbox", url
        )
