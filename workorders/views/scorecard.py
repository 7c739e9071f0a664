"""The scorecard: the figures of a partner or, for staff, of all partners.

Each figure opens the list of work orders that it counts.
"""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterator
from itertools import chain
from typing import Any, NamedTuple

from django.core.exceptions import PermissionDenied
from django.db.models import Value
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.vary import vary_on_headers
from django_htmx.http import push_url

from portal.people.models import Partner
from portal.people.requests import Request
from workorders.exports.files import CSV, XLSX, sent_rows
from workorders.forms.scorecard import ScorecardForm
from workorders.history.wording import cause_label
from workorders.models import Entitlement, PastAssignment, ServiceTerritory, WorkOrder
from workorders.models.letters import letters_of
from workorders.models.site_today import site_dates
from workorders.scorecard import declines, lists, scope, time_in_status, totals
from workorders.scorecard.scope import BREAKDOWNS, FIGURES, NO_REASON, Figure, Rows, ScorecardQuery
from workorders.scorecard.totals import Score
from workorders.states import Cause, Status, WorkType
from workorders.views.answers import list_view
from workorders.views.score_chart import bar_chart_of
from workorders.views.score_lines import IN_TABLES, Days, Line, ReasonLine
from workorders.views.scored_rows import ScoredRow, described, scored_row

PAGE, CHUNK = 50, 1000


class RequestedCard(NamedTuple):
    """What a person asks for, and all scored work orders that they may see."""

    form: ScorecardForm
    query: ScorecardQuery
    scored: Rows
    declined: Rows
    now: dt.datetime


def requested_card(request: Request) -> RequestedCard:
    """Read the request. Only dispatchers, partner managers and staff may."""
    if not request.user.may_see_scorecard:
        raise PermissionDenied
    now = timezone.now()
    form = ScorecardForm(request.GET, _names(request), _today(now), partners=request.user.is_staff)
    scored = scope.scored(WorkOrder.objects.visible_to(request.user), now)
    declined = declines.scored_declines(PastAssignment.objects.visible_to(request.user))
    return RequestedCard(form, form.query(), scored, declined, now)


def _today(now: dt.datetime) -> dt.date:
    """Return the latest date that it is at any site."""
    return max(day for day, _ in site_dates(now))


def _names(request: Request) -> dict[str, list[str]]:
    """Fetch the names that the filters offer, in one query. Only staff see partners' names."""
    named: list[tuple[str, Any]] = [("territory", ServiceTerritory), ("entitlement", Entitlement)]
    if request.user.is_staff:
        named.append(("partner", Partner))
    rows = [model.objects.order_by().values_list(Value(kind), "name") for kind, model in named]
    names: dict[str, list[str]] = defaultdict(list)
    for kind, name in sorted(rows[0].union(*rows[1:]), key=lambda row: letters_of(row[1]) or ""):
        names[kind].append(name)
    return names


@list_view
@vary_on_headers("HX-Request")
def scorecard(request: Request) -> HttpResponse:
    form, query, scored, all_declined, now = requested_card(request)
    query = query.card
    rows, declined = query.within(scored), declines.within(query, all_declined)
    months, breakdown = totals.scores(rows, declined, query)
    total = totals.total(months)
    context = {
        "form": form,
        "query": query,
        "narrowed_by": sum(bool(field.value()) for field in form.narrowing),
        "period": _period(query),
        "before": _before(query, scored, all_declined, form),
        "csv_url": f"{reverse('scorecard-csv')}?{query.query_string()}",
        "figures": FIGURES,
        "headings": [FIGURES[name].label for name in IN_TABLES],
        "fewest": totals.FEWEST,
        "waited_for": WAITED_FOR,
        "total": _line(query, total, "All", {}),
        "months": [
            _line(query, month, f"{month.key:%b %Y}", _month(month.key)) for month in months
        ],
        "chart": bar_chart_of(months),
        "by": BREAKDOWNS[query.by][0],
        "other_breakdowns": [
            (label, _card(query._replace(by=name)))
            for name, label in form.breakdowns
            if name != query.by
        ],
        "breakdown": [
            _line(query, each, _name(query.by, each.key), {query.by: each.key})
            for each in breakdown
        ],
        "reasons": list(_reasons(query, rows, declined)),
        **_days_of(query, time_in_status.times_in_status(rows, now), total.counted),
    }
    if not request.htmx:
        return render(request, "work_orders/scorecard.html", context)
    return push_url(render(request, "work_orders/scorecard.html#card", context), _card(query))


def _card(query: ScorecardQuery) -> str:
    return f"{reverse('scorecard')}?{query._replace(figure='').query_string()}"


def _period(query: ScorecardQuery) -> str:
    return " to ".join(dict.fromkeys(f"{month:%b %Y}" for month in (query.first, query.last)))


class Before(NamedTuple):
    """How it was in as many months before these."""

    share: str
    months: int
    url: str


def _before(
    query: ScorecardQuery, scored: Rows, declined: Rows, form: ScorecardForm
) -> Before | None:
    """Return None where that has no share, or lies before the months that can be chosen."""
    before = query.before
    if before.first < form.months[-1]:
        return None
    score = totals.total_of(before.within(scored), declines.within(before, declined))
    if score.share is None:
        return None
    return Before(score.share_text, len(before.months), _card(before))


def _month(key: dt.date) -> dict[str, Any]:
    return {"first": key, "last": key}


def _name(by: str, key: str) -> str:
    return WorkType(key).label if by == "work_type" else key


def _line(query: ScorecardQuery, score: Score, label: str, chosen: dict[str, Any]) -> Line:
    return Line(label, score, {name: _list(query, figure=name, **chosen) for name in FIGURES})


def _list(query: ScorecardQuery, **changes: Any) -> str:
    return f"{reverse('scorecard-work-orders')}?{query.query_string(**changes)}"


def _reasons(query: ScorecardQuery, rows: Rows, declined: Rows) -> Iterator[ReasonLine]:
    for reason, missed, excused in totals.reasons(rows, declined):
        slug = reason or NO_REASON
        urls = [_list(query, figure=figure, reason=slug) for figure in ("missed", "excused")]
        yield ReasonLine(*described(slug), missed, excused, *urls)


# --- Where the days went
def _days_of(
    query: ScorecardQuery, times: time_in_status.TimesInStatus, counted: int
) -> dict[str, list[Days]]:
    def line(name: str, label: str, seconds: int, **chosen: str) -> Days:
        days = seconds / time_in_status.DAY.total_seconds()
        return Days(label, days, days / max(counted, 1), _list(query, **chosen))

    spent = [
        line(each, each.label, times.spent[each], spent=each)
        for each in time_in_status.SPENT
        if each in times.spent
    ]
    causes: list[str] = list(Cause)
    if times.waited[time_in_status.UNSPECIFIED]:
        causes.append(time_in_status.UNSPECIFIED)
    return {
        "spent": spent,
        "waited": [line(each, _cause(each), times.waited[each], waited=each) for each in causes],
    }


def _cause(slug: str) -> str:
    return "Not specified" if slug == time_in_status.UNSPECIFIED else cause_label(Cause(slug))


SPENT_IN = (
    "Work orders that were in this status, with the time spent in it, in 24-hour days, since they"
    " were entered here."
)
WAITED_FOR = (
    "Days in Assigned are spent waiting for the partner; from Ship to Received to Shipped, for"
    " parts; On Hold, for the cause of the last hold; and In Progress, if the target was missed,"
    " for what the last reason for delay names."
)


def _figure(query: ScorecardQuery) -> Figure:
    if query.waited:
        return Figure(f"Days waiting: {_cause(query.waited)}", WAITED_FOR)
    if query.spent:
        return Figure(f"Days in {Status(query.spent).label}", SPENT_IN)
    return FIGURES[query.figure]


# --- The list behind a figure
@list_view
def scorecard_work_orders(request: Request) -> HttpResponse:
    form, query, scored, declined, now = requested_card(request)
    rows, declined = query.within(scored), declines.within(query, declined)
    page, after = lists.page(rows, declined, query.after, PAGE)
    days = lists.days(page, query, now)
    context = {
        "form": form,
        "query": query,
        "figure": _figure(query),
        "chosen": list(_chosen(query)),
        "shows_days": bool(query.spent or query.waited),
        "count": rows.count() + declined.count(),
        "rows": [scored_row(work_order, days) for work_order in page],
        "first_page": _list(query, after="") if query.after else "",
        "next_page": _list(query, after=after) if after else "",
        "scorecard_url": _card(query.card),
        "csv_url": f"{reverse('scorecard-csv')}?{query.query_string(after='')}",
        "xlsx_url": f"{reverse('scorecard-xlsx')}?{query.query_string(after='')}",
    }
    return render(request, "work_orders/scorecard_work_orders.html", context)


def _chosen(query: ScorecardQuery) -> Iterator[tuple[str, str]]:
    """Describe the filters in words."""
    yield "Target SLA", _period(query)
    for name, (label, _) in BREAKDOWNS.items():
        if value := getattr(query, name):
            yield label, _name(name, value)
    if query.reason:
        yield "Reason for Delay", ". ".join(described(query.reason))


COLUMNS = [
    "Work Order Number",
    "Case",
    "Subject",
    "Partner",
    "Account",
    "Site",
    "Service Territory",
    "Entitlement",
    "Work Type",
    "Status",
    "Target SLA",
    "Came out",
    "Judged by",
    "Business days late",
    "Reason for Delay",
    "Description",
    "Verdict",
    "Days",
]


@list_view
def scorecard_csv(request: Request) -> HttpResponseBase:
    return _file(request, CSV)


@list_view
def scorecard_xlsx(request: Request) -> HttpResponseBase:
    return _file(request, XLSX)


def _file(request: Request, ending: str) -> HttpResponseBase:
    """Send the same list as a file, with every row."""
    _, query, scored, declined, now = requested_card(request)
    rows, declined = query.within(scored), declines.within(query, declined)
    name = f"scorecard-{query.first:%Y-%m}-{query.last:%Y-%m}"
    return sent_rows(_lines(rows, declined, query, now), name, ending, to=request.user)


def _lines(
    rows: Rows, declined: Rows, query: ScorecardQuery, now: dt.datetime
) -> Iterator[list[str]]:
    """Write the rows. `Days` are those of the requested status or cause."""
    yield COLUMNS
    for chunk in chain(lists.chunks(rows, CHUNK), declines.chunks(declined, CHUNK)):
        days = lists.days(chunk, query, now)
        yield from (_cells(scored_row(work_order, days)) for work_order in chunk)


def _cells(row: ScoredRow) -> list[str]:
    work_order = row.work_order
    judged_on = work_order.outcome_on if work_order.outcome_target_on else None
    return [
        work_order.number,
        work_order.case_number,
        work_order.subject,
        work_order.partner.name,
        work_order.site.account.name,
        work_order.site.name,
        work_order.territory.name,
        work_order.entitlement.name,
        work_order.get_work_type_display(),
        work_order.get_status_display(),
        work_order.scored_on.isoformat(),
        row.how,
        judged_on.isoformat() if judged_on else "",
        "" if work_order.days_late is None else str(work_order.days_late),
        row.reason,
        row.description,
        row.verdict,
        "" if row.days is None else f"{row.days:.1f}",
    ]
