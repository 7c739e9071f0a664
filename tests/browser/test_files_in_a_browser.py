"""Photos sent and looked at: several at once, on a connection that breaks, by drop, keyboard and
without JavaScript.
"""

import base64
import io
import threading
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Page, expect

from tests.browser.conftest import LOOKS, violations
from tests.factories import make_accepted
from tests.workorders.services.files.test_photos import exif, photo
from tests.workorders.uploads import PDF, add, in_storage
from workorders.models import File


@pytest.fixture
def photos(tmp_path) -> list[Path]:
    """Three photos of different colors, one of them large and with EXIF."""
    paths = [tmp_path / name for name in ("one.jpg", "two.jpg", "three.png")]
    large = Image.new("RGB", (2400, 1200), "red")
    large.save(paths[0], "JPEG", exif=exif(tag0112=6))
    paths[1].write_bytes(photo(size=(40, 30)))
    paths[2].write_bytes(photo("PNG", size=(30, 40)))
    return paths


def related(page: Page, work_order) -> Page:
    page.goto(f"/work-orders/{work_order.number}/related/")
    return page


def tiles(page: Page):
    return page.locator(".tiles > li")


def choose(page: Page, *paths: Path) -> None:
    page.get_by_label("Photos and PDFs").set_input_files(paths)


def test_several_at_once_appear_with_what_was_said(opened, shipped, dana, photos):
    page = related(opened(dana), shipped)
    expect(page.get_by_text("No files yet")).to_be_visible()
    page.get_by_label("What it shows").select_option("before")
    page.get_by_label("Caption").fill("Left port")
    choose(page, *photos)
    expect(tiles(page)).to_have_count(3)
    expect(page.locator(".queue li")).to_have_count(0)
    expect(tiles(page).first).to_contain_text("Before")
    assert list(File.objects.values_list("name", "caption", "moment")) == [
        (path.name, "Left port", "before") for path in photos
    ]


def test_the_browser_shrinks_a_large_photo_and_keeps_the_cameras_clock(
    opened, shipped, dana, photos
):
    page = related(opened(dana), shipped)
    sent = page.evaluate(
        """async (text) => {
            const file = new File([Uint8Array.from(atob(text), (c) => c.charCodeAt(0))], "one.jpg");
            return [...new Uint8Array(await (await shrunk(file)).arrayBuffer())];
        }""",
        base64.b64encode(photos[0].read_bytes()).decode(),
    )
    image = Image.open(io.BytesIO(bytes(sent)))
    assert (image.size, image.getexif()[0x0112]) == ((1024, 2048), 1)  # turned, and said so
    choose(page, photos[0])
    expect(tiles(page)).to_contain_text("Camera’s clock")
    file = File.objects.get()
    assert (file.width, file.height, file.taken_at) == (1024, 2048, "2026-03-02T09:30:00")


def test_progress_is_shown_while_it_travels(opened, shipped, dana, photos):
    page = related(opened(dana), shipped)
    gate = threading.Event()
    page.route("**/files/", lambda route: (gate.wait(0.2), route.continue_()))
    choose(page, photos[1])
    expect(page.get_by_role("progressbar", name="Upload progress of two.jpg")).to_be_visible()
    expect(tiles(page)).to_have_count(1)


@pytest.mark.parametrize("answer_lost", [False, True])
def test_after_a_lost_connection_retry_adds_what_is_missing_once(
    opened, shipped, dana, photos, answer_lost
):
    page = related(opened(dana), shipped)

    def cut(route) -> None:
        if answer_lost:
            route.fetch()  # the portal has it; the phone does not hear so
        route.abort("connectionreset")

    page.route("**/files/", cut, times=1)
    choose(page, photos[1], photos[2])
    row = page.locator(".queue li")
    expect(row).to_have_count(1)
    expect(row).to_contain_text("The connection was lost.")
    row.get_by_role("button", name="Retry two.jpg").click()
    expect(tiles(page)).to_have_count(2)
    assert (File.objects.count(), len(in_storage())) == (2, 4)


def test_what_is_sent_is_not_missing_any_more(opened, portal, dana, photos):
    """The list of what Completed waits for is a live one, and what was typed meanwhile stays."""
    work_order = make_accepted(
        dana, parts_required=False, line_items=("Lock out [photo]", "Replace")
    )
    page = related(opened(dana), work_order)
    page.locator("#missing summary").click()
    asked_for = page.get_by_text("Line item 1 needs a photo.")
    expect(asked_for).to_be_visible()
    page.locator("#note-2").fill("Left port")
    page.get_by_label("Line item", exact=False).first.select_option("1")
    choose(page, photos[1])
    expect(page.locator("#item-1")).to_contain_text("1 photo")
    expect(asked_for).to_have_count(0)
    expect(page.locator("#missing")).to_have_attribute("open", "")
    expect(page.locator("#note-2")).to_have_value("Left port")


def test_a_tick_is_newer_than_the_list_that_an_upload_has_asked_for(opened, portal, dana, photos):
    work_order = make_accepted(dana, parts_required=False, line_items=("Lock out", "Replace"))
    page, held = related(opened(dana), work_order), []
    page.route("**/line-items/", lambda route: held.append((route, route.fetch())))
    choose(page, photos[1])
    expect(tiles(page)).to_have_count(1)
    page.wait_for_timeout(300)
    page.locator("#tick-1").click()
    expect(page.locator("#item-1.done")).to_be_visible()
    ((route, old),) = held
    route.fulfill(response=old)
    page.wait_for_timeout(300)
    expect(page.locator("#item-1.done")).to_be_visible()
    expect(page.locator("#missing")).to_contain_text("1 thing missing")


def test_a_serial_may_be_a_photo_of_its_label(opened, portal, dana, photos):
    work_order = make_accepted(dana, parts_required=False, line_items=("Replace [serial]",))
    page = related(opened(dana), work_order)
    page.locator("#tick-1").click()
    missing = page.get_by_text("The serial of the new part is missing on line item 1.")
    expect(missing).to_have_count(1)
    with page.expect_file_chooser() as chooser:
        page.get_by_role("link", name="photograph its label").click()
    chooser.value.set_files(photos[1])
    expect(page.locator("#item-1")).to_contain_text("The new part’s label has been photographed")
    expect(tiles(page).first).to_contain_text("Label of the new part")
    expect(missing).to_have_count(0)


def test_what_was_cut_off_goes_on_by_itself_when_back_online(opened, shipped, dana, photos):
    page = related(opened(dana), shipped)
    page.context.set_offline(True)
    choose(page, *photos[1:])
    expect(page.get_by_role("button", name="Retry two.jpg")).to_be_visible()
    page.context.set_offline(False)
    expect(tiles(page)).to_have_count(2)
    assert File.objects.count() == 2


def test_what_is_refused_says_why_and_the_others_go_on(opened, shipped, dana, photos, tmp_path):
    bad = tmp_path / "virus.jpg"
    bad.write_bytes(b"MZ" * 100)
    page = related(opened(dana), shipped)
    choose(page, bad, photos[1])
    expect(tiles(page)).to_have_count(1)
    expect(page.locator(".queue li")).to_contain_text(
        "virus.jpg This is not a JPEG, PNG, WebP or HEIC photo"
    )


def test_a_file_dropped_into_the_box_is_sent(opened, shipped, dana, photos):
    page = related(opened(dana), shipped)
    data = page.evaluate_handle(
        """([name, text]) => {
            const data = new DataTransfer();
            data.items.add(new File([Uint8Array.from(atob(text), (c) => c.charCodeAt(0))], name));
            return data;
        }""",
        [photos[1].name, base64.b64encode(photos[1].read_bytes()).decode()],
    )
    page.locator("#upload").dispatch_event("dragover", {"dataTransfer": data})
    expect(page.locator("#upload")).to_have_class("upload over")
    page.locator("#upload").dispatch_event("drop", {"dataTransfer": data})
    expect(tiles(page)).to_have_count(1)


def test_a_phone_may_send_what_it_takes_and_is_offered_the_camera(opened, shipped, dana, photos):
    phone = {"viewport": {"width": 390, "height": 800}, "has_touch": True, "is_mobile": True}
    page = related(opened(dana, **phone), shipped)
    accepted = page.get_by_label("Photos and PDFs").get_attribute("accept").split(",")
    assert {"image/jpeg", "image/heic"} <= set(accepted)
    camera = page.locator("[data-camera]")
    expect(page.get_by_text("Take a photo")).to_be_visible()
    assert camera.get_attribute("capture") == "environment"
    camera.set_input_files(photos[1])
    expect(tiles(page)).to_have_count(1)


def test_a_photo_is_seen_large_with_the_keyboard_alone(opened, shipped, dana):
    for name in ("one.jpg", "two.jpg", "three.jpg"):
        add(shipped, dana, photo(size=(640, 480)), name)
    page = related(opened(dana), shipped)
    page.locator("[data-photo]").first.focus()
    page.keyboard.press("Enter")
    viewer = page.get_by_role("dialog")
    expect(viewer).to_contain_text("1 of 3")
    expect(viewer.get_by_role("img", name="one.jpg")).to_be_visible()
    for key, name in (
        ("ArrowRight", "two.jpg"),
        ("ArrowRight", "three.jpg"),
        ("ArrowRight", "three.jpg"),
    ):
        page.keyboard.press(key)
        expect(viewer.get_by_role("img", name=name)).to_be_visible()
    page.keyboard.press("ArrowLeft")
    expect(viewer).to_contain_text("2 of 3")
    page.keyboard.press("Escape")
    expect(viewer).to_have_count(0)
    expect(page.locator("[data-photo]").nth(1)).to_be_focused()


def test_without_javascript_files_are_sent_seen_changed_and_removed(opened, shipped, dana, photos):
    page = related(opened(dana, java_script_enabled=False), shipped)
    choose(page, *photos)
    page.get_by_role("button", name="Upload").click()
    expect(page.get_by_text("3 files are added.")).to_be_visible()
    expect(tiles(page)).to_have_count(3)
    answer = page.request.get(page.locator("[data-photo]").first.get_attribute("href"))
    assert Image.open(io.BytesIO(answer.body())).size == (1024, 2048)
    page.get_by_role("link", name="Change two.jpg").click()
    page.get_by_label("Caption").fill("Right port")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("img", name="Right port")).to_be_visible()
    page.get_by_role("link", name="Remove two.jpg").click()
    page.get_by_role("button", name="Remove").click()
    expect(tiles(page)).to_have_count(2)


@LOOKS
def test_axe_finds_nothing_and_nothing_is_too_wide(
    opened, shipped, dana, theme, width, photos, tmp_path
):
    add(
        shipped,
        dana,
        photo(size=(640, 480), exif=exif()),
        "a" * 80 + ".jpg",
        caption="Left port",
        moment="after",
    )
    add(shipped, dana, PDF, "p" * 90 + ".pdf")
    page = related(
        opened(dana, color_scheme=theme, viewport={"width": width, "height": 800}), shipped
    )
    page.route("**/files/", lambda route: route.abort())
    choose(page, photos[1])
    expect(page.get_by_role("button", name="Retry")).to_be_visible()
    assert page.evaluate("document.scrollingElement.scrollWidth") <= width
    wrong = violations(page)
    page.locator("[data-photo]").click()
    expect(page.get_by_role("dialog")).to_be_visible()
    wrong += violations(page)
    file = File.objects.first()
    for name in ("change", "remove"):
        page.on("dialog", lambda dialog: dialog.accept())
        page.goto(f"/work-orders/{shipped.number}/files/{file.key}/{name}/")
        wrong += violations(page)
    assert wrong == []


def test_the_script_is_loaded_on_its_tab_only(opened, shipped, dana):
    page = opened(dana)
    asked: list[str] = []
    page.on(
        "request", lambda request: asked.append(request.url.rpartition("/")[2].partition(".")[0])
    )
    page.goto(f"/work-orders/{shipped.number}/")
    assert "files" not in asked
    related(page, shipped)
    assert "files" in asked
