"""Line items on the Related tab: ticked, noted and open again, with htmx the list alone."""

from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.cache import patch_vary_headers

from portal.people.requests import Request
from workorders import services
from workorders.forms.refusals import status_of
from workorders.forms.visits import TickForm
from workorders.models import LineItem, WorkOrder
from workorders.states import Verb
from workorders.views.answers import page_of, work_order_action, work_order_view
from workorders.views.buttons import buttons
from workorders.views.page_context import fetch, section_context
from workorders.views.related import line_items, related_context


@work_order_view()
def line_item_list(request: Request, work_order: WorkOrder) -> HttpResponse:
    """The list alone, as it stands now."""
    if request.htmx:
        return _answer(request, work_order)
    return redirect(f"{page_of(request, work_order, 'related')}#line-items")


@work_order_action(Verb.TICK_LINE_ITEM)
def tick_line_item(request: Request, work_order: WorkOrder, item: int) -> HttpResponse:
    form = TickForm(request.POST)
    if request.method != "POST":
        return _back(request, work_order, item)
    if not form.is_valid():
        wrong = next(iter(form.errors.values()))[0]
        return _answer(request, work_order, status=422, item=item, wrong=wrong, typed=form)
    try:
        services.tick_line_item(work_order, item, **form.cleaned_data, by=request.user)
    except LineItem.DoesNotExist as error:
        raise Http404 from error
    except services.DomainError as error:
        status, wrong = status_of(error), error.message
        return _answer(request, work_order, status=status, item=item, wrong=wrong, typed=form)
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
        return _answer(request, work_order, status=409, item=item, wrong=error.message)
    return _answer(request, work_order) if request.htmx else _back(request, work_order, item)


def _back(request: Request, work_order: WorkOrder, item: int) -> HttpResponse:
    return redirect(f"{page_of(request, work_order, 'related')}#item-{item}")


def _answer(
    request: Request, work_order: WorkOrder, *, status: int = 200, **context: Any
) -> HttpResponse:
    current, template = fetch(request, work_order.number), "work_orders/related.html"
    if request.htmx:
        template += "#line_items"
        own = line_items(request, current) | buttons(request, current) | context
        page = section_context(request, current, **own)
    else:
        page = related_context(request, current, **context)
    response = render(request, template, page, status=status)
    patch_vary_headers(response, ["HX-Request"])
    return response
