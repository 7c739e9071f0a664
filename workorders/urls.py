"""Every address of the work orders."""

from django.urls import path

from workorders.views import (
    actions,
    appointment,
    completing,
    contacts,
    files,
    guides,
    line_items,
    notifications,
    parts,
    receipt,
    schedule,
    scorecard,
    technicians,
    today,
    visits,
    work_order,
    work_orders,
)

ONE = "work-orders/<slug:number>/"

urlpatterns = [
    path("", work_orders.home, name="home"),
    path("work-orders/", work_orders.work_orders, name="work-orders"),
    path("today/", today.today, name="today"),
    path("parts-owed/", parts.parts_owed, name="parts-owed"),
    # --- The scorecard, and the work orders behind its figures
    path("scorecard/", scorecard.scorecard, name="scorecard"),
    path("scorecard/work-orders/", scorecard.scorecard_work_orders, name="scorecard-work-orders"),
    path("scorecard/work-orders.csv", scorecard.scorecard_csv, name="scorecard-csv"),
    path("scorecard/work-orders.xlsx", scorecard.scorecard_xlsx, name="scorecard-xlsx"),
    # --- The partner's technicians
    path("technicians/", technicians.technicians, name="technicians"),
    path("technicians/<int:technician>/offboard/", technicians.offboard, name="offboard"),
    path(
        "technicians/<int:technician>/invite/",
        technicians.invite_technician,
        name="invite-technician",
    ),
    # --- Help
    path("help/", guides.guide, name="help"),
    *[
        path(f"help/{name}/", guides.guide, {"name": name}, name=f"help-{name}")
        for name in guides.GUIDES
    ],
    # --- Notifications
    path("notifications/", notifications.notifications, name="notifications"),
    path("notifications/read/", notifications.read_all_notifications, name="read-notifications"),
    path("notifications/choices/", notifications.notification_choices, name="notification-choices"),
    path("notifications/mailbox/", notifications.notification_mailbox, name="notification-mailbox"),
    # --- The tabs
    path(ONE, work_order.details, name="work-order"),
    path(f"{ONE}related/", work_order.related, name="related"),
    path(f"{ONE}rma-fso/", work_order.rma_fso, name="rma-fso"),
    path(f"{ONE}collaborate/", work_order.collaborate, name="collaborate"),
    path(f"{ONE}history/", work_order.history, name="history"),
    path(f"{ONE}history.csv", work_order.history_csv, name="history-csv"),
    path(f"{ONE}history.xlsx", work_order.history_xlsx, name="history-xlsx"),
    path(f"{ONE}receipt/", receipt.receipt, name="receipt"),
    path(f"{ONE}appointment.ics", schedule.appointment_ics, name="appointment-ics"),
    path("schedule/", schedule.schedule, name="schedule"),
    # --- What a partner does
    path(f"{ONE}accept/", actions.accept, name="accept"),
    path(f"{ONE}ship-to/", actions.ship_to, name="ship-to"),
    path(f"{ONE}appointment/", appointment.appointment, name="appointment"),
    path(
        f"{ONE}appointment/take-back/",
        appointment.take_back_appointment,
        name="take-back-appointment",
    ),
    path(f"{ONE}technician/", appointment.technician, name="technician"),
    path(f"{ONE}parts-received/", actions.parts_received, name="parts-received"),
    path(f"{ONE}report-parts/", parts.report_parts, name="report-parts"),
    path(f"{ONE}parts-sent-back/", parts.parts_sent_back, name="parts-sent-back"),
    path(f"{ONE}visits/start/", visits.start_visit, name="start-visit"),
    path(f"{ONE}visits/end/", visits.end_visit, name="end-visit"),
    path(f"{ONE}visits/enter/", visits.enter_visit, name="enter-visit"),
    path(f"{ONE}visits/<int:visit>/correct/", visits.correct_visit, name="correct-visit"),
    path(f"{ONE}visits/<int:visit>/take-back/", visits.take_back_visit, name="take-back-visit"),
    path(f"{ONE}line-items/", line_items.line_item_list, name="line-items"),
    path(f"{ONE}line-items/<int:item>/tick/", line_items.tick_line_item, name="tick-line-item"),
    path(
        f"{ONE}line-items/<int:item>/untick/", line_items.untick_line_item, name="untick-line-item"
    ),
    path(f"{ONE}complete/", completing.complete, name="complete"),
    path(f"{ONE}take-back-completed/", actions.take_back_completed, name="take-back-completed"),
    path(f"{ONE}could-not-complete/", completing.could_not_complete, name="could-not-complete"),
    path(f"{ONE}request-assistance/", actions.request_assistance, name="request-assistance"),
    path(f"{ONE}contact/", contacts.log_contact, name="log-contact"),
    path(f"{ONE}second-poc/", contacts.second_poc, name="second-poc"),
    path(f"{ONE}answer/", actions.answer_verdict, name="answer-verdict"),
    path(f"{ONE}comment/", actions.comment, name="comment"),
    path(f"{ONE}requirements/", actions.note_requirements, name="note-requirements"),
    # --- Photos and documents
    path(f"{ONE}files/", files.files, name="files"),
    path(f"{ONE}files/<uuid:key>/", files.file, name="file"),
    path(f"{ONE}files/<uuid:key>/small/", files.file_small, name="file-small"),
    path(f"{ONE}files/<uuid:key>/change/", files.change_file, name="change-file"),
    path(f"{ONE}files/<uuid:key>/remove/", files.remove_file, name="remove-file"),
]
