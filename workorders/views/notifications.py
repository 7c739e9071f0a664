"""A person's notifications, their preferences, and the mailbox that a partner shares."""

from contextlib import suppress

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import InternalError, OperationalError
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from portal.people.models import Partner, Separator
from portal.people.requests import Request
from portal.people.services import choose_notifications, choose_separator, share_mailbox
from workorders.forms.notifications import ChoicesForm, MailboxForm
from workorders.models import Notification
from workorders.models.notifications import NEWEST_FIRST, Kind, kinds_for
from workorders.services import read_notifications
from workorders.views.answers import list_view, readers_only

PAGE = 50


@list_view
def notifications(request: Request) -> HttpResponse:
    """Show the newest notifications first. Opening the page marks what it shows as read."""
    mine = Notification.objects.visible_to(request.user).select_related("work_order__site")
    kind, after = request.GET.get("kind", ""), request.GET.get("after", "")
    if kind in Kind.values:
        mine = mine.filter(kind=kind)
    with suppress(ValueError):
        mine = mine.filter(NEWEST_FIRST.behind(after)) if after else mine
    rows, onward = NEWEST_FIRST.cut(list(mine.order_by(*NEWEST_FIRST.order())[: PAGE + 1]), PAGE)
    new = [row for row in rows if row.read_at is None]
    if request.method == "GET":
        with suppress(
            OperationalError, InternalError
        ):  # busy, or can only be read: they stay new until next time
            read_notifications([row.pk for row in rows], by=request.user)
    context = {
        "rows": rows,
        "kind": kind,
        "kinds": [(each, each == kind) for each in kinds_for(request.user.role)],
        "is_later_page": bool(after),
        "next_after": onward,
        "more_unread": (getattr(request.user, "unread", None) or 0) > len(new),
    }
    return render(request, "notifications/list.html", context)


@require_POST
@readers_only
def read_all_notifications(request: Request) -> HttpResponse:
    read_notifications(by=request.user)
    return redirect("notifications")


@require_http_methods(["GET", "HEAD", "POST"])
def notification_choices(request: Request) -> HttpResponse:
    form = ChoicesForm(request.POST or None, user=request.user)
    if form.is_valid():
        zone = form.cleaned_data["time_zone"]
        choose_notifications(
            request.user, notification_preferences=form.notification_preferences(), time_zone=zone
        )
        if separator := form.cleaned_data["csv_separator"]:
            choose_separator(request.user, Separator(separator))
        messages.success(request, "Saved. You will be notified this way from now on.")
        return redirect("notification-choices")
    return _choices(request, form, None)


@require_POST
def notification_mailbox(request: Request) -> HttpResponse:
    partner = request.user.partner
    if partner is None or not request.user.may_dispatch:
        raise PermissionDenied
    form = MailboxForm(request.POST, partner=partner)
    if form.is_valid():
        try:
            mailbox = form.cleaned_data["shared_mailbox"]
            share_mailbox(partner, mailbox=mailbox, by=request.user)
        except ValidationError as error:
            form.add_error(None, error)
        else:
            message = "The shared mailbox has been removed."
            if mailbox:
                message = f"Notifications go to {mailbox} from now on."
            messages.success(request, message)
            return redirect("notification-choices")
    return _choices(request, ChoicesForm(user=request.user), form)


def _choices(request: Request, form: ChoicesForm, mailbox_form: MailboxForm | None) -> HttpResponse:
    partner: Partner | None = request.user.partner if request.user.may_dispatch else None
    context = {
        "form": form,
        "partner": partner,
        "mailbox_form": mailbox_form or (MailboxForm(partner=partner) if partner else None),
    }
    wrong = form.errors or (mailbox_form and mailbox_form.errors)
    return render(request, "notifications/choices.html", context, status=422 if wrong else 200)
