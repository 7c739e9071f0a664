"""The history as sentences, by the day at the site."""

import datetime as dt

import pytest
from django.template import Context, Template
from django.utils.html import strip_tags

from tests.factories import fresh, make_work_order, ship
from tests.pages import html_of
from workorders import services
from workorders.history.icons import ICONS
from workorders.history.sentences import ABOUT_ITSELF, TOLD
from workorders.history.visibility import ledger_for
from workorders.history.wording import describe_entries
from workorders.models.ledger import Event
from workorders.states import (
    AssistanceReason,
    Channel,
    CouldNotCompleteReason,
    DelayReason,
    VisitOutcome,
)
from workorders.templatetags.dates import told

pytestmark = pytest.mark.once


def sentences(work_order, reader) -> list[str]:
    lines = describe_entries(ledger_for(reader, work_order), reader)
    zone = work_order.site.zone
    return [strip_tags(told(line.sentence, zone)) for line in lines if line.sentence]


def test_every_event_has_a_sentence_and_an_icon():
    assert ABOUT_ITSELF.keys() | TOLD.keys() == set(Event)
    assert ABOUT_ITSELF.keys() & TOLD.keys() == set()
    assert ICONS.keys() == set(Event)
    icon = Template("{% lucide name %}")
    drawn = [icon.render(Context({"name": name})) for name in ICONS.values()]
    assert [svg for svg in drawn if "<svg" not in svg] == []


def test_booking_late_is_told_with_its_reason(work_order, dana):
    at = dt.datetime(2026, 3, 10, 17, tzinfo=dt.UTC)
    booking = services.Booking(at, "Tess", "+1 415 555 0188", reason=DelayReason.WEATHER)
    late = booking._replace(confirmed_target=work_order.target_on)
    services.book_appointment(work_order, late, by=dana)
    assert sentences(work_order, dana) == [
        "The work order was entered.",
        "Dana accepted the work order and said where the parts go.",
        "FSO-1 was entered, expected on Wed, Mar 4.",
        "The work order became Shipped, following its parts.",
        "The Target SLA became Thu, Mar 5, because of FSO-1.",
        "Dana gave the reason Delay due to weather.",
        "Dana booked Tue, Mar 10, 10:00 AM PDT with Tess, 3 business days after the target.",
    ]


def test_partner_reads_of_staff_by_the_company_and_staff_by_name(work_order, dana, staff):
    services.hold(work_order, reason="POC away", stops_clock=True, by=staff)
    services.resume(fresh(work_order), by=staff)
    assert sentences(work_order, dana)[-4:] == [
        "ChargePoint staff put the work on hold.",
        "There is no Target SLA any more, because of a hold.",
        "ChargePoint staff resumed the work.",
        "The Target SLA became Thu, Mar 5, because the work was resumed.",
    ]
    assert sentences(work_order, staff)[-2].startswith(staff.name)


def test_what_is_said_and_done_at_the_site_is_told(work_order, dana):
    before = len(sentences(work_order, dana))
    services.comment(work_order, body="Which gate?", by=dana)
    services.request_assistance(
        work_order, body="Help", reason=AssistanceReason.SITE_ACCESS, by=dana
    )
    for channel, reached in ((Channel.CALL, False), (Channel.CALL, True), (Channel.TEXT, False)):
        services.log_contact(work_order, channel=channel, reached=reached, by=dana)
    ship(work_order, status="delivered", delivered_on=dt.date(2026, 3, 2))
    services.start_visit(fresh(work_order), by=dana)
    services.tick_line_item(fresh(work_order), 1, by=dana)
    services.end_visit(fresh(work_order), outcome=VisitOutcome.DONE, by=dana)
    assert sentences(work_order, dana)[before:] == [
        "Dana wrote a comment.",
        "Dana asked for assistance: Site access.",
        "Dana called the POC, who did not answer.",
        "Dana called the POC and reached them.",
        "Dana wrote to the POC.",
        "FSO-1 was delivered on Mon, Mar 2.",
        "The work order became In Progress, following its parts.",
        "The Target SLA became Tue, Mar 3, because of FSO-1.",
        "Dana began the work on site.",
        "Dana ticked 1. Lock out the station.",
        "Dana ended the visit: the work is done.",
    ]


def test_declined_and_given_up_are_told_apart(work_order, dana):
    new = make_work_order("WO-00100901", partner=dana.partner)
    for row in (new, work_order):
        reason = CouldNotCompleteReason.NO_CAPACITY
        services.could_not_complete(row, reason=reason, note="Sorry", by=dana)
    assert sentences(new, dana)[-1] == "Dana declined the work order: No capacity."
    assert "Dana could not complete the work: No capacity." in sentences(work_order, dana)


def test_what_users_typed_is_text(work_order, dana):
    services.request_assistance(work_order, body="Help", by=dana)
    work_order.ledger.create(
        version=1, event=Event.FOLLOW_ON_ISSUED, actor=dana, note="<i>{who}</i>"
    )
    line = describe_entries(work_order.ledger.order_by("-pk")[:1], dana)[0]
    assert told(line.sentence, work_order.site.zone) == (
        "Dana issued <b>&lt;i&gt;{who}&lt;/i&gt;</b> to follow this one."
    )


def test_days_are_those_of_the_site(work_order, dana, client_of):
    """A minute before midnight in San Francisco, and a minute after: on one day in UTC."""
    for minute in (59, 61):
        at = dt.datetime(2026, 3, 6, 7, tzinfo=dt.UTC) + dt.timedelta(minutes=minute)
        work_order.ledger.create(version=9, event=Event.COMMENTED, actor=dana, at=at)
    page = client_of(dana).get(f"/work-orders/{work_order.number}/history/?about=words")
    found = html_of(page).partition("What it is about")[2]
    assert [(str(day), len(lines)) for day, lines in page.context["days"]] == [
        ("2026-03-06", 1),
        ("2026-03-05", 1),
    ]
    places = [
        found.index(words)
        for words in ("Fri, Mar 6</time></h3>", "12:01 AM PST", "Thu, Mar 5</time>", "11:59 PM PST")
    ]
    assert places == sorted(places)
