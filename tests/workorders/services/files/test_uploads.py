"""Photos and documents: who may add, change and remove them when; what is kept of them, and what
the ledger tells.
"""

import stat
from pathlib import Path

import pytest
from django.core.files.storage import default_storage
from django.db import IntegrityError, transaction
from django.utils import timezone

from portal.people.roles import Role
from tests.factories import (
    book_on,
    fresh,
    make_accepted,
    make_user,
    make_work_order,
    ready_to_complete,
    ship,
)
from tests.workorders.services.files.test_photos import exif, photo
from tests.workorders.services.flow.test_flow import events
from tests.workorders.uploads import PDF, add, in_storage
from workorders import services
from workorders.fieldwork.completion_blockers import blockers
from workorders.history.visibility import ledger_for
from workorders.history.wording import describe_entries
from workorders.models import File
from workorders.services import (
    DomainError,
    InvalidState,
    NotAllowed,
    Stale,
    change_file,
    remove_file,
    tick_line_item,
)
from workorders.states import OPEN, RULES, Status, Verb


@pytest.fixture
def work_order(dana):
    return make_accepted(dana, parts_required=False, line_items=("Lock out", "Replace"))


@pytest.fixture
def manager(voltfix):
    return make_user("max@voltfix.example", Role.MANAGER, partner=voltfix)


def stored(name: str) -> bytes:
    return Path(default_storage.path(name)).read_bytes()


def test_a_photo_is_kept_with_its_thumbnail_and_facts(work_order, tess):
    book_on(work_order, tess)
    taken = photo(size=(800, 600), exif=exif())
    file = add(work_order, tess, taken, caption=" The worn cable ", moment="before")
    assert in_storage() == sorted([f"{file.key}-small.jpg", f"{file.key}.jpg"])
    assert (file.kind, file.name, file.width, file.height, file.size) == (
        *("photo", "cable.jpg", 800, 600),
        default_storage.size(f"{file.key}.jpg"),
    )
    assert (file.taken_at, file.caption, file.moment) == (
        "2026-03-02T09:30:00",
        "The worn cable",
        "before",
    )
    assert (file.uploaded_by, file.uploaded_at, file.partner, file.internal) == (
        *(tess, timezone.now(), tess.partner, False),
    )


def test_a_pdf_is_kept_as_it_is(work_order, dana):
    file = add(work_order, dana, PDF, "permit.pdf")
    assert (file.kind, file.width, in_storage()) == ("document", None, [f"{file.key}.pdf"])
    assert stored(file.stored) == PDF


def test_nothing_of_exif_is_stored(work_order, dana):
    file = add(work_order, dana, photo(exif=exif()))
    for name in file.stored_names:
        assert b"secret" not in stored(name)


def test_stored_files_are_for_their_owner_and_group_alone(work_order, dana, settings):
    file = add(work_order, dana)
    mode = stat.S_IMODE(Path(default_storage.path(file.stored)).stat().st_mode)
    assert (mode, stat.S_IMODE(Path(settings.MEDIA_ROOT).stat().st_mode)) == (0o640, 0o750)


def test_a_file_may_belong_to_a_line_item_of_its_work_order(work_order, dana):
    item = work_order.line_items.get(number=2)
    assert add(work_order, dana, line_item=item).line_item == item
    other = make_work_order(partner=dana.partner, line_items=("Elsewhere",)).line_items.get()
    with pytest.raises(DomainError, match="another work order"):
        add(work_order, dana, line_item=other)


# --- Who may, and when
@pytest.mark.parametrize("verb", [Verb.ADD_FILE, Verb.CHANGE_FILE, Verb.REMOVE_FILE])
@pytest.mark.parametrize("status", Status)
def test_everyone_until_the_work_has_ended_then_staff(verb, status):
    rule = RULES[verb]
    assert rule.who == frozenset(Role)
    assert (status in rule.sources) == (status in OPEN)
    assert status in rule.sources | rule.staff_too


@pytest.mark.once
@pytest.mark.parametrize("person", ["dana", "manager", "tess", "staff"])
@pytest.mark.parametrize("ended", [False, True])
def test_each_role_adds_changes_and_removes(request, work_order, dana, person, ended):
    by = request.getfixturevalue(person)
    if person == "tess":
        book_on(work_order, by)
    own = add(work_order, by)
    danas = add(work_order, dana)
    if ended:
        services.complete(ready_to_complete(work_order, by=dana), by=dana)
    refused = InvalidState if ended and person != "staff" else None
    of_others = refused or (NotAllowed if person == "tess" else None)
    for expected, do in (
        (refused, lambda: add(work_order, by)),
        (refused, lambda: change_file(own, caption="Mine", moment="", by=by)),
        (of_others, lambda: change_file(danas, caption="Dana's", moment="", by=by)),
        (of_others, lambda: remove_file(danas, by=by)),
        (refused, lambda: remove_file(own, by=by)),
    ):
        if expected:
            with pytest.raises(expected):
                do()
        else:
            do()


def test_another_partner_touches_nothing(work_order, dana, omar):
    file = add(work_order, dana)
    for do in (
        lambda: add(work_order, omar),
        lambda: change_file(file, caption="", moment="", by=omar),
        lambda: remove_file(file, by=omar),
    ):
        with pytest.raises(NotAllowed):
            do()
    assert events(work_order)[-1] == "file-added"


def test_only_staff_decide_what_is_internal(work_order, dana, staff):
    file = add(work_order, dana)
    with pytest.raises(NotAllowed):
        add(work_order, dana, internal=True)
    with pytest.raises(NotAllowed):
        change_file(file, caption="", moment="", internal=True, by=dana)
    assert change_file(file, caption="", moment="", internal=True, by=staff).internal
    with pytest.raises(InvalidState, match="removed"):
        remove_file(file, by=dana)


def test_a_dispatcher_does_not_touch_what_staff_have_sent(work_order, dana, manager, staff):
    file = add(work_order, staff)
    for person in (dana, manager):
        with pytest.raises(NotAllowed):
            change_file(file, caption="Mine", moment="", by=person)
        with pytest.raises(NotAllowed):
            remove_file(file, by=person)
    assert change_file(file, caption="Ours", moment="", by=staff).caption == "Ours"


def test_a_change_from_an_old_page_tells_of_the_other_and_not_of_what_is_staffs_own(
    work_order, dana, manager, staff
):
    file = add(work_order, dana)
    seen = fresh(work_order).version
    for internal in (True, False):
        change_file(file, caption="", moment="", internal=internal, by=staff)
    change_file(file, caption="Left", moment="", version=seen, by=manager)
    with pytest.raises(Stale) as stale:
        change_file(file, caption="Right", moment="", version=seen, by=dana)
    assert [(entry.event, entry.actor) for entry in stale.value.news] == [("file-changed", manager)]
    assert File.objects.get().caption == "Left"


# --- Return labels
RMA = {
    "kind": "RMA",
    "direction": "return",
    "required": False,
    "status": "ordered",
    "carrier": "",
    "service": "",
}


def test_a_return_label_comes_from_staff_for_the_partner(work_order, dana, staff):
    back = ship(work_order, "RMA-1", **RMA)
    label = add(work_order, staff, PDF, "label.pdf", shipment=back)
    assert (list(back.labels.visible_to(dana)), work_order.ledger.last().note) == (
        [label],
        "Return label of RMA-1",
    )
    for refused, values in (
        (NotAllowed, {"by": dana, "shipment": back}),
        (DomainError, {"by": staff, "shipment": back, "internal": True}),
        (DomainError, {"by": staff, "shipment": ship(work_order, "FSO-1")}),
        (
            DomainError,
            {
                "by": staff,
                "shipment": ship(make_accepted(dana, parts_required=False), "RMA-2", **RMA),
            },
        ),
    ):
        with pytest.raises(refused):
            add(work_order, data=PDF, **values)
    with pytest.raises(DomainError, match="Remove it instead"):
        change_file(label, caption="", moment="", internal=True, by=staff)
    with pytest.raises(IntegrityError), transaction.atomic():
        File.objects.update(internal=True)
    assert len(in_storage()) == 1


def test_a_label_is_no_photo_of_the_work(dana, staff):
    work_order = make_accepted(dana, parts_required=False, images_required=True)
    ready_to_complete(work_order, by=dana)
    File.objects.all().delete()
    add(work_order, staff, shipment=ship(work_order, "RMA-1", **RMA))
    assert [blocker.anchor for blocker in blockers(fresh(work_order))] == ["files"]


# --- What the ledger says
def test_history_tells_of_each_step_in_words(work_order, dana, guarded_ledger):
    file = add(work_order, dana)
    change_file(file, caption="Left port", moment="after", by=dana)
    change_file(file, caption="Left port", moment="after", by=dana)  # nothing new, no entry
    remove_file(file, by=dana)
    lines = describe_entries(ledger_for(dana, work_order).filter(file=file), dana)
    assert [line.title for line in lines] == [
        f"File {what}: cable.jpg" for what in ("added", "changed", "removed")
    ]
    assert sorted(lines[1].changes) == [("Caption", None, None), ("What it shows", None, "After")]
    assert "Left port" not in str(list(work_order.ledger.values_list("changes", flat=True)))


def test_a_file_makes_no_page_stale(work_order, dana):
    seen = ready_to_complete(work_order, by=dana).version
    remove_file(add(work_order, dana), by=dana)
    assert services.complete(work_order, by=dana, version=seen).status == Status.COMPLETED


def test_a_partner_reads_nothing_of_an_internal_file(work_order, dana, staff):
    hidden, shown = add(work_order, staff, internal=True), add(work_order, staff)
    change_file(shown, caption="", moment="", internal=True, by=staff)
    change_file(shown, caption="", moment="", internal=False, by=staff)
    assert list(work_order.files.visible_to(dana)) == [shown]
    assert set(work_order.files.visible_to(staff)) == {hidden, shown}
    logged = ledger_for(dana, work_order).exclude(file=None).values_list("event", "file")
    assert list(logged) == [("file-added", shown.pk)]
    assert ledger_for(staff, work_order).exclude(file=None).count() == 4


def test_the_next_partner_sees_no_file_of_the_one_before(dana, omar, staff):
    handed_on = make_work_order(partner=dana.partner)
    add(handed_on, dana)
    services.reassign(handed_on, partner=omar.partner, assigned_on=handed_on.assigned_on, by=staff)
    assert list(handed_on.files.visible_to(omar)) == []
    with pytest.raises(InvalidState):
        remove_file(handed_on.files.get(), by=omar)


def test_a_removed_file_is_gone_but_for_its_row(
    work_order, dana, django_capture_on_commit_callbacks
):
    file = add(work_order, dana)
    with django_capture_on_commit_callbacks(execute=True):
        remove_file(file, by=dana)
    assert (in_storage(), list(work_order.files.visible_to(dana))) == ([], [])
    assert (work_order.files.get().removed_by, work_order.files.get().removed_at) == (
        dana,
        timezone.now(),
    )
    with pytest.raises(InvalidState, match="This file has been removed"):
        remove_file(file, by=dana)


def test_photos_that_are_asked_for_stand_in_the_way_of_completed_until_they_are_there(dana, staff):
    work_order = make_accepted(
        dana, parts_required=False, images_required=True, line_items=("Lock out", "Replace [photo]")
    )
    item = ready_to_complete(work_order, by=dana).line_items.get(number=2)
    for add_another, missing in (
        (lambda: None, ["Line item 2 needs a photo."]),
        (
            lambda: add(work_order, staff, internal=True, line_item=item),
            ["Line item 2 needs a photo."],
        ),
        (
            lambda: add(work_order, dana, PDF, line_item=item),
            ["Line item 2 needs a photo."],
        ),
        (lambda: add(work_order, dana, line_item=item), []),
    ):
        add_another()
        assert [blocker.sentence for blocker in blockers(fresh(work_order))] == missing


def test_a_photo_of_the_label_is_as_good_as_a_typed_serial_and_is_no_photo_of_the_work(dana, staff):
    work_order = make_accepted(
        dana,
        parts_required=False,
        images_required=True,
        line_items=("Lock out", "Replace [serial] [photo]"),
    )
    item = ready_to_complete(work_order, by=dana).line_items.get(number=2)
    tick_line_item(work_order, 2, seen_done=True, by=dana)
    serial, photo = (
        "The serial of the new part is missing on line item 2.",
        "Line item 2 needs a photo.",
    )
    for said, missing in (
        ({"moment": "label"}, [serial, photo]),  # of which part?
        ({"moment": "label", "line_item": item}, [photo]),
        ({"moment": "after", "line_item": item}, []),
    ):
        add(work_order, dana, **said)
        assert [blocker.sentence for blocker in blockers(fresh(work_order))] == missing
    known = work_order.line_items.with_photos().get(number=2)
    assert (known.photo_count, known.label_count) == (1, 1)
