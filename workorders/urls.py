"""Every address of the work orders."""

from django.urls import path

from workorders.views import actions, appointment, receipt, work_order, work_orders

ONE = "work-orders/<slug:number>/"

urlpatterns = [
    path("", work_orders.home, name="home"),
    path("work-orders/", work_orders.work_orders, name="work-orders"),
    # --- The tabs
    path(ONE, work_order.details, name="work-order"),
    path(f"{ONE}related/", work_order.related, name="related"),
    path(f"{ONE}rma-fso/", work_order.rma_fso, name="rma-fso"),
    path(f"{ONE}collaborate/", work_order.collaborate, name="collaborate"),
    path(f"{ONE}history/", work_order.history, name="history"),
    path(f"{ONE}receipt/", receipt.receipt, name="receipt"),
    # --- What a partner does
    path(f"{ONE}accept/", actions.accept, name="accept"),
    path(f"{ONE}ship-to/", actions.ship_to, name="ship-to"),
    path(f"{ONE}appointment/", appointment.appointment, name="appointment"),
    path(f"{ONE}parts-received/", actions.parts_received, name="parts-received"),
    path(f"{ONE}complete/", actions.complete, name="complete"),
    path(f"{ONE}could-not-complete/", actions.could_not_complete, name="could-not-complete"),
    path(f"{ONE}request-assistance/", actions.request_assistance, name="request-assistance"),
    path(f"{ONE}comment/", actions.comment, name="comment"),
    path(f"{ONE}requirements/", actions.requirements, name="requirements"),
]
