"""The list with mouse and keyboard, with and without JavaScript, in both themes and on three
widths.
"""

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import LOOKS, violations
from tests.factories import make_work_order
from workorders.models import WorkOrder

WIDTHS = [1280, 390, 320]


@pytest.fixture
def rows(shipped, new) -> list[WorkOrder]:
    """Shipped with a target; new; and one for another type of work."""
    installation = make_work_order(
        "WO-00100300",
        partner=new.partner,
        work_type="installation",
        subject="Install modem - CT4000",
    )
    return [shipped, new, installation]


def listed(page: Page):
    return page.locator("tbody tr")


def open_filters(page: Page) -> None:
    page.locator("#filter-menu summary").click()


def stay(page: Page) -> None:
    """Mark the page, so that a reload is noticed."""
    page.evaluate("window.hasStayed = true")


def has_stayed(page: Page) -> bool:
    return page.evaluate("window.hasStayed === true")


def test_slash_focuses_the_search_and_enter_opens_the_only_hit(opened, rows, dana):
    page = opened(dana)
    page.goto("/work-orders/")
    page.keyboard.press("/")
    expect(page.get_by_role("searchbox")).to_be_focused()
    expect(page.get_by_role("searchbox")).to_have_value("")
    page.keyboard.type("100300")
    page.keyboard.press("Enter")
    page.wait_for_url("**/work-orders/WO-00100300/")


def test_slash_is_a_sign_like_others_while_one_types(opened, rows, dana):
    page = opened(dana)
    page.goto("/work-orders/")
    page.get_by_role("searchbox").fill("CT")
    page.keyboard.press("/")
    expect(page.get_by_role("searchbox")).to_have_value("CT/")


def test_a_filter_changes_list_and_address_without_a_reload_and_back_undoes_it(opened, rows, dana):
    page = opened(dana)
    page.goto("/work-orders/")
    stay(page)
    expect(listed(page)).to_have_count(3)
    open_filters(page)
    page.get_by_label("Work Type").select_option("installation")
    expect(listed(page)).to_have_count(1)
    page.get_by_label("Target SLA").select_option("none")
    page.wait_for_url("**/work-orders/?work_type=installation&sla=none")
    expect(page.get_by_role("status").filter(has_text="1 found")).to_have_count(1)
    assert has_stayed(page)
    page.go_back()
    page.wait_for_url("**/work-orders/?work_type=installation")
    expect(page.get_by_label("Work Type")).to_have_value("installation")
    expect(page.get_by_label("Target SLA")).to_have_value("")
    page.wait_for_load_state()  # before its script has run, Back is not heard
    page.go_back()
    page.wait_for_url("**/work-orders/")
    expect(listed(page)).to_have_count(3)
    expect(page.get_by_label("Work Type")).to_have_value("")


def test_back_from_a_work_order_finds_the_filtered_list(opened, rows, dana):
    page = opened(dana)
    page.goto("/work-orders/")
    open_filters(page)
    page.get_by_label("Work Type").select_option("installation")
    expect(listed(page)).to_have_count(1)
    page.get_by_role("link", name="WO-00100300", exact=True).click()
    page.wait_for_url("**/work-orders/WO-00100300/**")
    page.go_back()
    page.wait_for_url("**/work-orders/?work_type=installation")
    expect(listed(page)).to_have_count(1)
    page.get_by_role("link", name="WO-00100300", exact=True).click()
    page.locator(".crumb").click()
    page.wait_for_url("**/work-orders/?work_type=installation*")
    expect(listed(page)).to_have_count(1)


def test_several_statuses_are_chosen_with_the_keyboard_while_their_menu_stays_open(
    opened, rows, dana
):
    page = opened(dana)
    page.goto("/work-orders/")
    stay(page)
    page.locator("#filter-menu summary").focus()
    page.keyboard.press("Enter")
    for name, count in (("Shipped", 1), ("Assigned", 3)):
        page.get_by_role("checkbox", name=name, exact=True).focus()
        page.keyboard.press("Space")
        expect(listed(page)).to_have_count(count)
        expect(page.get_by_role("checkbox", name=name, exact=True)).to_be_focused()
        expect(page.get_by_role("checkbox", name=name, exact=True)).to_be_checked()
    page.keyboard.press("Escape")
    expect(page.locator("#filter-menu")).not_to_have_attribute("open", "")
    assert page.url.endswith("?status=assigned&status=shipped")
    assert has_stayed(page)


def test_a_select_keeps_the_focus_while_the_list_changes(opened, rows, dana):
    page = opened(dana)
    page.goto("/work-orders/")
    open_filters(page)
    page.get_by_label("Work Type").focus()
    page.keyboard.press("ArrowDown")
    expect(listed(page)).to_have_count(2)
    page.wait_for_url("**/?work_type=repair")
    expect(page.get_by_label("Work Type")).to_be_focused()
    page.keyboard.press("ArrowDown")
    expect(listed(page)).to_have_count(1)
    page.wait_for_url("**/?work_type=installation")


def test_headings_sort_with_the_keyboard(opened, rows, dana):
    page = opened(dana)
    page.goto("/work-orders/")
    for order in ("ascending", "descending"):
        page.get_by_role("columnheader", name="Work Order Number").get_by_role("link").focus()
        page.keyboard.press("Enter")
        expect(page.get_by_role("columnheader", name="Work Order Number")).to_have_attribute(
            "aria-sort", order
        )
    expect(listed(page).first).to_contain_text("WO-00100300")


def test_a_click_anywhere_in_a_row_opens_the_work_order_and_book_its_form(opened, rows, dana):
    page = opened(dana)
    page.goto("/work-orders/")
    for cell in ("c-target", "c-account"):  # away from Book; the number's link is over them
        page.locator(f"#WO-00100231 .{cell}").click(force=True)
        page.wait_for_url("**/work-orders/WO-00100231/")
        page.go_back()
    page.get_by_role("link", name="Book an appointment for WO-00100231").click()
    page.wait_for_url("**/work-orders/WO-00100231/#appointment")


@pytest.mark.nightly
def test_accept_in_a_row_leads_to_its_form_and_back_to_the_filtered_list(opened, rows, dana):
    page = opened(dana)
    page.goto("/work-orders/?work_type=installation")
    page.get_by_role("link", name="Accept WO-00100300").focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**/WO-00100300/accept/?back=work_type%3Dinstallation")
    page.locator(".crumb").click()
    page.wait_for_url("**/work-orders/?work_type=installation*")


def test_without_javascript_the_filters_apply_with_a_button(opened, rows, dana):
    page = opened(dana, java_script_enabled=False)
    page.goto("/work-orders/")
    open_filters(page)
    page.get_by_label("Work Type").select_option("repair")
    page.get_by_role("checkbox", name="Assigned", exact=True).check()
    page.get_by_role("button", name="Apply").click()
    expect(listed(page)).to_have_count(1)
    expect(listed(page)).to_contain_text("WO-00100208")
    expect(page.get_by_label("Work Type")).to_have_value("repair")
    page.get_by_role("link", name="Clear all").click()
    expect(listed(page)).to_have_count(3)


def test_without_javascript_a_phone_can_filter_and_sort_too(opened, rows, dana):
    page = opened(dana, java_script_enabled=False, viewport={"width": 320, "height": 640})
    page.goto("/work-orders/")
    open_filters(page)
    page.get_by_label("Sort by").select_option("-number")
    page.get_by_role("button", name="Apply").click()
    expect(listed(page).first).to_contain_text("WO-00100300")


@LOOKS
def test_axe_finds_nothing_and_nothing_is_wider_than_the_window(opened, rows, dana, theme, width):
    page = opened(dana, color_scheme=theme, viewport={"width": width, "height": 800})
    page.goto("/work-orders/")
    for query, count in (("", 3), ("?sla=missed", 0), ("?status=nonsense&sla=none", 2)):
        page.goto(f"/work-orders/{query}")
        expect(listed(page)).to_have_count(count)
        assert violations(page) == []
        assert page.evaluate("document.scrollingElement.scrollWidth") <= width
    open_filters(page)
    assert violations(page) == []
    assert page.evaluate("document.scrollingElement.scrollWidth") <= width
