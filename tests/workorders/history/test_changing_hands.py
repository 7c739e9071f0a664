"""Work that changes hands, whatever the way: the next partner sees nothing of what the one before
has entered, who sees it again when the work comes back; staff see all
(docs/rules.md, "When work changes hands").
"""

import datetime as dt
from collections.abc import Callable, Iterator

import pytest
import time_machine
from django.urls import URLPattern, get_resolver, reverse

from portal.outbox.models import Message
from portal.people.models import Partner, User
from portal.people.roles import Role
from portal.people.ship_to import ShipTo
from tests.factories import fresh, make_user, make_work_order
from tests.pages import html_of, mismatches, text_of
from tests.workorders.any_state import NINE
from tests.workorders.uploads import add
from workorders import services as s
from workorders.models import File, WorkOrder
from workorders.services.notifications.mailing import write_mails
from workorders.states import AssistanceReason, Channel, CouldNotCompleteReason, Status

pytestmark = pytest.mark.once

MONDAY = dt.date(2026, 3, 2)
DEPOT = ShipTo(
    "Kestrel Depot", "+1 212 555 0142", "9 Kestrel St", "Kestreltown", "NY", "10001", "US"
)
OWN = DEPOT._replace(
    name="VoltFix Depot", phone="+1 212 555 0144", street="1 Volt Way", city="Oakland"
)
POC = s.POC("Kestrel Poc", "+1 212 555 0143", "poc@kestrel.example")
STEPS = ("Lock out the station", "Replace the cable [serial]")
SAID = {  # where each canary, a kestrel, is looked for: what it says, and the page that shows it
    "requirement": ("Kestrel requirement", "related"),
    "comment": ("Kestrel comment", "collaborate"),
    "request": ("Kestrel request", "collaborate"),
    "attempt": ("Kestrel attempt", "work-order"),
    "second POC": (POC.name, "work-order"),
    "caption": ("Kestrel caption", "related"),
    "photo": ("kestrel.jpg", "history"),
}
OF_THE_SITE = {  # once the work has begun
    "tick": ("Kestrel tick", "related"),
    "serial": ("KESTREL-1", "related"),
}


@pytest.fixture(autouse=True)
def running_clock() -> Iterator[None]:
    """What came before and what comes after tell themselves apart by their time."""
    with time_machine.travel(NINE, tick=True):
        yield


def enter_everything(row: WorkOrder, by: User) -> None:
    """All that a partner can enter in this status; each says Kestrel."""
    s.note_requirements(row, text="Kestrel requirement", by=by)
    s.comment(row, body="Kestrel comment", by=by)
    s.request_assistance(row, body="Kestrel request", reason=AssistanceReason.PARTS, by=by)
    s.log_contact(row, channel=Channel.CALL, reached=False, note="Kestrel attempt", by=by)
    s.add_second_poc(row, POC, by=by)
    add(row, by, name="kestrel.jpg", caption="Kestrel caption")
    if fresh(row).status == Status.IN_PROGRESS:
        s.tick_line_item(row, 1, note="Kestrel tick", by=by)
        item = row.line_items.get(number=2)
        s.tick_line_item(row, 2, serial="KESTREL-1", by=by)
        add(row, by, name="kestrel.jpg", line_item=item)


# --- The ways
def declined(row: WorkOrder, by: User, to: Partner, staff: User) -> WorkOrder:
    enter_everything(row, by)
    s.could_not_complete(
        row, reason=CouldNotCompleteReason.NO_CAPACITY, note="Kestrel decline", by=by
    )
    return s.reassign(fresh(row), partner=to, assigned_on=MONDAY, note="Kestrel staff", by=staff)


def acceptance_undone(row: WorkOrder, by: User, to: Partner, staff: User) -> WorkOrder:
    s.accept_work_order(row, ship_to=DEPOT if row.parts_required else None, by=by)
    enter_everything(row, by)
    s.undo_last_step(fresh(row), note="Kestrel undo", by=staff)
    return s.reassign(fresh(row), partner=to, assigned_on=MONDAY, by=staff)


def reassigned(row: WorkOrder, by: User, to: Partner, staff: User) -> WorkOrder:
    enter_everything(row, by)
    return s.reassign(fresh(row), partner=to, assigned_on=MONDAY, by=staff)


def imported(row: WorkOrder, by: User, to: Partner, staff: User) -> WorkOrder:
    enter_everything(row, by)
    return s.update_work_order(fresh(row), {"partner": to}, by=staff)


def declined_and_imported(row: WorkOrder, by: User, to: Partner, staff: User) -> WorkOrder:
    enter_everything(row, by)
    s.could_not_complete(
        row, reason=CouldNotCompleteReason.NO_CAPACITY, note="Kestrel decline", by=by
    )
    return s.update_work_order(fresh(row), {"partner": to}, by=None)


def held_and_resumed(row: WorkOrder, by: User, to: Partner, staff: User) -> WorkOrder:
    s.hold(row, reason="Kestrel hold", stops_clock=False, by=staff)
    s.resume(fresh(row), by=staff)
    return reassigned(row, by, to, staff)


def followed_on(row: WorkOrder, by: User, to: Partner, staff: User) -> WorkOrder:
    s.accept_work_order(row, ship_to=DEPOT if row.parts_required else None, by=by)
    enter_everything(row, by)
    s.could_not_complete(
        row, reason=CouldNotCompleteReason.OBSTRUCTION, note="Kestrel decline", by=by
    )
    return s.issue_follow_on(fresh(row), "WO-77", partner=to, assigned_on=MONDAY, by=staff)


WAYS = [
    declined,
    acceptance_undone,
    reassigned,
    imported,
    declined_and_imported,
    held_and_resumed,
    followed_on,
]


# --- What a person can read
def addresses(row: WorkOrder) -> Iterator[str]:
    """Every address of this work order, and every page of many."""
    for pattern in get_resolver("workorders.urls").url_patterns:
        if isinstance(pattern, URLPattern) and pattern.name != "home":
            route = str(pattern.pattern)
            if route.count("<") == 1 and "<slug:number>" in route:
                yield reverse(str(pattern.name), args=[row.number])
            elif "<uuid:key>" in route:
                for file in File.objects.filter(work_order__in=[row, row.follows_id or row]):
                    yield reverse(str(pattern.name), args=[row.number, file.key])
            elif "<" not in route:
                yield reverse(str(pattern.name))


def readable_by(
    person: User, row: WorkOrder, client_of: Callable, *, everywhere: bool
) -> dict[str, str]:
    """All pages, fragments, downloads and files that the person gets, and the mails to them and to
    their partner's mailbox; files of the partner before by their keys, too; unless `everywhere`
    only the pages that show what was entered to those who may see it.
    """
    browser, found = client_of(person), {}
    shown = {reverse(page, args=[row.number]) for _, page in SAID.values()}
    for address in addresses(row) if everywhere else sorted(shown):
        for headers in ({}, {"hx-request": "true"}) if everywhere else ({},):
            answer = browser.get(address, headers=headers)
            found[f"{address} {headers}"] = text_of(answer)
    write_mails()
    to = [person.email, person.partner.shared_mailbox or person.email]
    mails = Message.objects.filter(to__in=to)
    return found | {f"mail {mail.pk}": f"{mail.subject} {mail.text} {mail.html}" for mail in mails}


def canaries(texts: dict[str, str]) -> list[str]:
    return [where for where, text in texts.items() if "kestrel" in text.casefold()]


def given(way, parts: bool, omar: User, to: Partner, staff: User) -> WorkOrder:
    """Work of Omar's, who enters everything, and then it goes to the other partner this way."""
    made = make_work_order(
        partner=omar.partner, parts_required=parts, line_items=STEPS, assigned_on=MONDAY
    )
    return fresh(way(made, omar, to, staff))


OF_EACH = pytest.mark.parametrize(
    ("way", "parts"),
    [(way, False) for way in WAYS] + [(acceptance_undone, True), (followed_on, True)],
    ids=lambda given: getattr(given, "__name__", "parts" if given else "no-parts"),
)


@OF_EACH
def test_next_partner_sees_nothing_of_it(way, parts, omar, dana, admin_user, client_of, full_size):
    """Each page is read after one of the ways; in `make test-all` after each."""
    row = given(way, parts, omar, dana.partner, admin_user)
    assert (row.partner, row.status) == (dana.partner, Status.ASSIGNED)
    everywhere = full_size or (way is acceptance_undone and not parts)
    mia = make_user("mia@voltfix.example", Role.MANAGER, partner=dana.partner)
    Partner.objects.filter(pk=dana.partner_id).update(shared_mailbox="all@voltfix.example")
    for person in (dana, mia) if everywhere else (dana,):
        texts = readable_by(person, row, client_of, everywhere=everywhere)
        assert canaries(texts) == []
    found = client_of(dana).get(f"{reverse('work-orders')}?q=kestrel")
    assert row.number not in found.content.decode()
    s.accept_work_order(row, ship_to=OWN if parts else None, by=dana)
    if parts:
        assert canaries(readable_by(dana, row, client_of, everywhere=full_size)) == []
    assert list(fresh(row).line_items.exclude(done_at=None)) == []


@OF_EACH
def test_partner_that_gets_it_back_sees_its_own_again(
    way, parts, omar, dana, admin_user, client_of
):
    row = given(way, parts, omar, dana.partner, admin_user)
    if way is followed_on:
        return
    s.comment(row, body="Dana’s comment", by=dana)
    s.note_requirements(row, text="Dana’s requirement", by=dana)
    s.reassign(fresh(row), partner=omar.partner, assigned_on=MONDAY, by=admin_user)
    begun = way is acceptance_undone and not parts
    browser = client_of(omar)
    for what, (words, page) in (SAID | (OF_THE_SITE if begun else {})).items():
        text = html_of(browser.get(reverse(page, args=[row.number])))
        assert words in text, what
        assert "Dana" not in text
    if parts:
        assert DEPOT.street in html_of(browser.get(reverse("accept", args=[row.number])))


@pytest.mark.parametrize("way", WAYS, ids=lambda way: way.__name__)
def test_staff_see_all(way, omar, voltfix, admin_user, client_of):
    row = given(way, False, omar, voltfix, admin_user)
    earlier = row.follows or row
    pages = [reverse(page, args=[earlier.number]) for page in {page for _, page in SAID.values()}]
    pages.append(reverse("admin:workorders_workorder_change", args=[earlier.pk]))
    browser = client_of(admin_user)
    whole = " ".join(html_of(browser.get(page)) for page in pages)
    begun = way in (acceptance_undone, followed_on)
    for what, (words, _) in (SAID | (OF_THE_SITE if begun else {})).items():
        assert words in whole, what


def test_accept_is_filled_in_from_the_new_partners_own_depot(omar, dana, admin_user, client_of):
    s.accept_work_order(make_work_order(partner=dana.partner), ship_to=OWN, by=dana)
    row = given(acceptance_undone, True, omar, dana.partner, admin_user)
    page = client_of(dana).get(reverse("accept", args=[row.number]))
    assert mismatches(page, "1 Volt Way", without=[DEPOT.street]) == []


def test_second_poc_of_staff_stays(omar, voltfix, staff):
    made = make_work_order(partner=omar.partner)
    s.add_second_poc(made, s.POC("Gate house", "+1 212 555 0100"), by=staff)
    s.reassign(fresh(made), partner=voltfix, assigned_on=MONDAY, by=staff)
    assert fresh(made).second_poc_name == "Gate house"


def test_partner_cannot_be_changed_where_it_could_not_be_reassigned(omar, voltfix, staff):
    made = make_work_order(partner=omar.partner)
    s.hold(made, reason="Waiting", stops_clock=False, by=staff)
    with pytest.raises(s.DomainError, match="“Reassign to another partner” is not possible while"):
        s.update_work_order(fresh(made), {"partner": voltfix}, by=None)


def test_what_an_author_of_another_partner_wrote_is_never_shown(omar, dana, staff, client_of):
    """Whatever the clock of the machine said on which it was written."""
    row = given(reassigned, False, omar, dana.partner, staff)
    row.comments.update(at=fresh(row).partner_since + dt.timedelta(seconds=2))
    assert "Kestrel" not in html_of(client_of(dana).get(reverse("collaborate", args=[row.number])))
