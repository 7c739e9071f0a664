"""What is typed into a form outlives a cut connection, a killed page and a session that ends; for
its author alone.
"""

import json
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from portal.people.models import LoginSession, User
from tests.browser.conftest import session_of, violations
from tests.factories import PASSWORD, fresh, make_accepted
from tests.workorders.services.files.test_photos import photo
from workorders import services
from workorders.models import Comment, PartReport, WorkOrder
from workorders.services import Part, ShipmentDetails
from workorders.states import ShipmentKind, Status

BODY = "The breaker is in the north room"
STORED = """async () => {
  const opening = indexedDB.open("portal", 1);
  const db = await new Promise((done) => { opening.onsuccess = () => done(opening.result); });
  const all = db.transaction("forms").objectStore("forms").getAll();
  return new Promise((done) => { all.onsuccess = () => done(JSON.stringify(all.result)); });
}"""

LARGE = """window.chooseLarge = () => {
  const all = new DataTransfer(), field = document.querySelector("[data-photos]");
  all.items.add(new File([new Uint8Array(51e6)], "long.pdf"));
  field.files = all.files;
  field.dispatchEvent(new Event("change", { bubbles: true }));
}"""
PRIVATE = """indexedDB.open = () => {
  const opening = {};
  setTimeout(() => opening.onerror());
  return opening;
}"""  # a private window
CHOOSE = """([name, value, text]) => {
  const field = document.querySelector(`select[name=${name}]`);
  field.add(new Option(text, value, true, true));
  field.dispatchEvent(new Event("change", { bubbles: true }));
}"""  # as its search does


def stored(page: Page) -> list[dict[str, Any]]:
    page.wait_for_load_state("networkidle")
    entries: list[dict[str, Any]] = json.loads(page.evaluate(STORED))
    return entries


def typed(page: Page) -> None:
    """In Collaborate, and kept by now."""
    page.locator("textarea[name=body]").fill(BODY)
    page.wait_for_function(f"async () => (await ({STORED})()).includes({json.dumps(BODY)})")


@pytest.fixture
def row(portal, dana) -> WorkOrder:
    return make_accepted(dana, parts_required=False, line_items=("Lock out",))


@pytest.fixture
def context(browser, portal, dana) -> Any:
    made = browser.new_context(base_url=portal, locale="en-US")
    made.set_default_timeout(10_000)
    made.add_cookies([session_of(dana, portal)])
    yield made
    made.close()


def opened(context: BrowserContext, row: WorkOrder, tab: str = "collaborate") -> Page:
    page = context.new_page()
    page.goto(f"/work-orders/{row.number}/{tab}/", wait_until="networkidle")
    return page


def test_a_cut_connection_keeps_the_page_and_sends_once_when_it_is_back(context, row):
    page = opened(context, row)
    page.set_viewport_size({"width": 390, "height": 300})
    typed(page)
    context.set_offline(True)
    page.get_by_role("button", name="Send", exact=True).click()
    expect(page.locator("[data-kept]")).to_contain_text("is kept on this device")
    expect(page.locator("[data-kept]")).to_be_in_viewport()
    assert violations(page) == []
    context.set_offline(False)
    expect(page.locator(".thread")).to_contain_text(BODY)
    assert [comment.body for comment in Comment.objects.all()] == [BODY]
    assert stored(page) == []


@pytest.mark.parametrize(
    ("before", "says", "comes_back"),
    [
        (LARGE, "Its files are too large", BODY),
        pytest.param(PRIVATE, "This browser keeps nothing", "", marks=pytest.mark.nightly),
    ],
)
def test_what_cannot_be_kept_is_said(context, row, before, says, comes_back):
    context.add_init_script(before)
    page = opened(context, row)
    page.evaluate("window.chooseLarge?.()")
    page.locator("textarea[name=body]").fill(BODY)
    context.set_offline(True)
    page.get_by_role("button", name="Send", exact=True).click()
    expect(page.locator("[data-kept]")).to_contain_text(says)
    page.close()
    context.set_offline(False)
    again = opened(context, row)
    expect(again.locator("textarea[name=body]")).to_have_value(comes_back)
    assert Comment.objects.count() == 0  # without its files it waits for a press


@pytest.mark.parametrize("arrives", [True, False])
def test_an_answer_that_is_lost_counts_once(context, row, arrives):
    page = opened(context, row)
    typed(page)

    def cut(route: Any) -> None:
        if arrives:
            route.fetch()
        route.abort("connectionreset")

    page.route("**/comment/", cut, times=1)
    page.get_by_role("button", name="Send", exact=True).click()
    expect(page.locator("[data-kept]")).to_be_visible()
    page.get_by_role("button", name="Send again").click()
    expect(page.locator(".thread")).to_contain_text(BODY)
    assert Comment.objects.count() == 1


def test_a_killed_page_brings_it_back(context, row):
    page = opened(context, row)
    typed(page)
    page.close()
    again = opened(context, row)
    expect(again.locator("[data-kept]")).to_contain_text("What you typed here on")
    expect(again.locator("textarea[name=body]")).to_have_value(BODY)
    again.get_by_role("button", name="Discard").click()
    expect(again.locator("textarea[name=body]")).to_have_value("")
    assert stored(again) == []


def test_a_page_killed_while_it_sends_says_so_everywhere_and_sends_once(context, row):
    page = opened(context, row)
    typed(page)
    page.route("**/comment/", lambda route: route.fetch())  # the answer never comes
    page.get_by_role("button", name="Send", exact=True).click()
    page.wait_for_function(f"async () => (await ({STORED})()).includes('sending')")
    page.close()
    elsewhere = context.new_page()
    elsewhere.goto("/work-orders/")
    link = elsewhere.locator("#messages a")
    expect(elsewhere.locator("#messages")).to_contain_text("Not sent yet:")
    link.click()
    expect(elsewhere.locator("[data-kept]")).to_contain_text("may not have arrived")
    elsewhere.get_by_role("button", name="Send again").click()
    expect(elsewhere.locator(".thread")).to_contain_text(BODY)
    assert Comment.objects.count() == 1
    assert stored(elsewhere) == []


def test_photos_and_choices_come_back_too(context, row, dana, tmp_path: Path):
    came = ShipmentDetails(ShipmentKind.FSO, status="delivered", delivered_on=row.site_today())
    services.enter_shipment(fresh(row), "FSO-1", came, parts=[Part("CBL-23", 2, "Cable")], by=None)
    (tmp_path / "one.jpg").write_bytes(photo())
    page = opened(context, row, "report-parts")
    page.get_by_label("Damaged").check()
    page.get_by_label("Note").fill("Cracked")
    page.locator("[data-photos]").set_input_files(tmp_path / "one.jpg")
    page.wait_for_function(f"async () => (await ({STORED})()).includes('Cracked')")
    expect(page.locator("#chosen")).to_contain_text("one.jpg")
    page.wait_for_timeout(300)
    page.close()
    again = opened(context, row, "report-parts")
    expect(again.locator("#chosen")).to_contain_text("one.jpg")
    expect(again.get_by_label("Damaged")).to_be_checked()
    again.get_by_role("button", name="Report", exact=True).click()
    again.wait_for_url("**/rma-fso/**")
    report = PartReport.objects.get()
    assert (report.note, [file.name for file in report.photos.all()]) == ("Cracked", ["one.jpg"])


def test_what_was_not_sent_stays_that_however_often_its_page_is_opened(context, row):
    """A photo that comes back is not typed: the form would lose its key, and count twice."""
    page = opened(context, row)
    page.locator("textarea[name=body]").fill(BODY)
    one = {"name": "one.jpg", "mimeType": "image/jpeg", "buffer": photo()}
    page.locator("[data-photos]").set_input_files([one])
    page.route("**/comment/", lambda route: route.abort("connectionreset"))
    page.get_by_role("button", name="Send", exact=True).click()
    expect(page.locator("[data-kept]")).to_be_visible()
    for _ in range(2):
        page.close()
        page = opened(context, row)
        expect(page.locator("[data-kept]")).to_contain_text("may not have arrived")
        assert [entry["state"] for entry in stored(page)] == ["unsent"]


def test_nobody_else_reads_it(context, row, portal, omar: User, dana: User):
    page = opened(context, row)
    typed(page)
    context.clear_cookies()
    context.add_cookies([session_of(omar, portal)])
    others = context.new_page()
    others.goto("/work-orders/", wait_until="networkidle")
    assert BODY not in others.content()
    assert stored(others) == []  # gone at another's login


def test_logging_out_names_what_is_unsent_and_takes_it_away(context, row):
    page = opened(context, row)
    typed(page)
    said: list[str] = []

    def answer(dialog: Any) -> None:
        dialog.dismiss() if len(said) == 1 else dialog.accept()

    page.on("dialog", lambda dialog: (said.append(dialog.message), answer(dialog)))
    page.locator("#user-menu summary").click()
    page.get_by_role("button", name="Log out").click()
    page.wait_for_function("() => !('sent' in document.querySelector('[data-logout]').dataset)")
    expect(page.locator("textarea[name=body]")).to_have_value(BODY)
    assert row.number in said[0]
    assert page.url.endswith("/collaborate/")
    page.get_by_role("button", name="Log out").click()
    page.wait_for_url("**/login/**")
    assert stored(page) == []


def test_a_session_that_ends_loses_nothing(context, row, dana):
    page = opened(context, row)
    typed(page)
    LoginSession.objects.all().delete()
    page.get_by_role("button", name="Send", exact=True).click()
    page.wait_for_url("**/login/**")
    page.get_by_label("E-mail").fill(dana.email)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Log in").click()
    page.wait_for_url("**/collaborate/")
    expect(page.locator("textarea[name=body]")).to_have_value(BODY)
    page.get_by_role("button", name="Send", exact=True).click()
    expect(page.locator(".thread")).to_contain_text(BODY)


def test_a_wrong_answer_keeps_page_and_text(context, row):
    page = opened(context, row, "could-not-complete")
    page.get_by_label("Note").fill("Fenced off")
    page.get_by_role("button", name="Could Not Complete").last.click()
    expect(page.locator(".field-error").first).to_be_visible()
    expect(page.get_by_label("Note")).to_have_value("Fenced off")
    assert fresh(row).status == Status.IN_PROGRESS


TYPED_WHILE_RESTORED = """async (body) => {
  const field = document.querySelector("textarea[name=body]");
  const type = (text) => {
    field.value = text;
    field.dispatchEvent(new Event("input", { bubbles: true }));
  };
  type(body.slice(0, 5));
  const back = restore(field.form);
  type(body);
  await back;
  return field.value;
}"""


def test_what_is_typed_while_the_form_is_restored_stays(context, row):
    """Its own first letters, kept a moment ago, come back from the store."""
    page = opened(context, row)
    assert page.evaluate(TYPED_WHILE_RESTORED, BODY) == BODY


def test_staff_who_enter_a_work_order_find_it_again_after_a_cut_and_send_it_once(office, row):
    site, station = row.site, row.station
    office.goto("/admin/workorders/workorder/add/", wait_until="networkidle")
    number = office.locator("[name=number]").input_value()
    for name, text in (("subject", "Replace cable"), ("case_number", "40000001")):
        office.locator(f"[name={name}]").fill(text)
    for name in ("work_type", "territory", "entitlement"):
        office.locator(f"select[name={name}]").select_option(index=1)
    for name, chosen in (("site", site), ("station", station), ("partner", row.partner)):
        office.evaluate(CHOOSE, [name, str(chosen.pk), str(chosen)])
    office.locator("[name=assigned_on]").fill("2026-11-10")
    office.context.set_offline(True)
    office.locator("#content-main form [type=submit]").first.click()
    expect(office.locator("[data-kept]")).to_contain_text("is kept on this device")
    again = office.context.new_page()
    office.close()
    again.context.set_offline(False)
    again.goto("/admin/workorders/workorder/add/", wait_until="networkidle")
    expect(again.locator("[data-kept]")).to_contain_text("may not have arrived")
    expect(again.locator("[name=subject]")).to_have_value("Replace cable")
    expect(again.locator("#select2-id_site-container")).to_contain_text(str(site))
    again.get_by_role("button", name="Send again").click()
    expect(again.get_by_role("alert")).to_contain_text("Is this what you meant?")
    again.wait_for_load_state()
    expect(again.locator("[data-kept]")).to_have_count(0)  # the page says it all
    again.locator("#content-main form [type=submit]").first.click()
    expect(again.locator(".messagelist")).to_contain_text("The work order is entered.")
    assert [each.case_number for each in WorkOrder.objects.filter(number=number)] == ["40000001"]
    assert stored(again) == []


def test_what_staff_typed_wrong_comes_back_as_the_page_that_says_so(office, row):
    office.goto(f"/admin/workorders/workorder/{row.pk}/comment/", wait_until="networkidle")
    office.locator("#content-main form [type=submit]").first.click()
    expect(office.locator(".errorlist, .errornote").first).to_be_visible()
    office.locator("textarea").first.fill(BODY)
    office.locator("#content-main form [type=submit]").first.click()
    expect(office.locator(".messagelist")).to_be_visible()
    assert [comment.body for comment in Comment.objects.all()] == [BODY]
    assert stored(office) == []
