"""Line items on the Related tab: tick, note and reopen them. htmx gets only the list."""

from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.cache import patch_vary_headers

from portal.people.requests import Request
from workorders import services
from workorders.forms.refusals import status_of
from workorders.forms.visits import TickForm
from workorders.models import LineItem, WorkOrder
from workorders.states import Verb
from workorders.views.answers import page_url, work_order_action, work_order_view
from workorders.views.buttons import buttons
from workorders.views.line_item_rows import RefusedTick
from workorders.views.page_context import fetch, section_context
from workorders.views.related import line_items, related_context


@work_order_view()
def line_item_list(request: Request, work_order: WorkOrder) -> HttpResponse:
    """Show only the list, as it is now."""
    if request.htmx:
        return _answer(request, work_order)
    return redirect(f"{page_url(request, work_order, 'related')}#line-items")


@work_order_action(Verb.TICK_LINE_ITEM)
def tick_line_item(request: Request, work_order: WorkOrder, item: int) -> HttpResponse:
    form = TickForm(request.POST)
    if request.method != "POST":
        return _back(request, work_order, item)
    if not form.is_valid():
        wrong = str(next(iter(form.errors.values()))[0])
        refused = RefusedTick(item, wrong, form)
        return _answer(request, work_order, status=422, refused=refused)
    try:
        services.tick_line_item(work_order, item, **form.cleaned_data, by=request.user)
    except LineItem.DoesNotExist as error:
        raise Http404 from error
    except services.DomainError as error:
        refused = RefusedTick(item, error.message, form)
        return _answer(request, work_order, status=status_of(error), refused=refused)
    return _answer(request, work_order) if request.htmx else _back(request, work_order, item)


@work_order_action(Verb.TICK_LINE_ITEM)
def untick_line_item(request: Request, work_order: WorkOrder, item: int) -> HttpResponse:
    if request.method != "POST":
        return _back(request, work_order, item)
    try:
        services.untick_line_item(work_order, item, by=request.user)
    except LineItem.DoesNotExist as error:
        raise Http404 from error
    except services.InvalidState as error:
        refused = RefusedTick(item, error.message)
        return _answer(request, work_order, status=409, refused=refused)
    return _answer(request, work_order) if request.htmx else _back(request, work_order, item)


def _back(request: Request, work_order: WorkOrder, item: int) -> HttpResponse:
    return redirect(f"{page_url(request, work_order, 'related')}#item-{item}")


def _answer(
    request: Request,
    work_order: WorkOrder,
    *,
    status: int = 200,
    refused: RefusedTick | None = None,
) -> HttpResponse:
    current, template = fetch(request, work_order.number), "work_orders/related.html"
    if request.htmx:
        template += "#line_items"
        own = line_items(request, current, refused) | buttons(request, current)
        page = section_context(request, current, **own)
    else:
        page = related_context(request, current, refused_tick=refused)
    response = render(request, template, page, status=status)
    patch_vary_headers(response, ["HX-Request"])
    return response
