"""A PDF waits for the virus scanner, where there is one: held back, let through, or waiting on
while it is away.
"""

import socketserver
import threading
from collections.abc import Iterator

import pytest
from django.urls import reverse

from tests.factories import fresh, make_accepted
from tests.pages import html_of, mismatches
from tests.pdfs import OBJECTS, pdf
from tests.workorders.uploads import JPEG, PDF, add, address, in_storage
from workorders.history.wording import describe_entries
from workorders.models import File
from workorders.models.ledger import Event
from workorders.services import scan_files
from workorders.services.files.clamd import CHUNK

EICAR = rb"X5O!P%@AP[4\PZX54(P^)7CC)7}$EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"


class Clamd(socketserver.StreamRequestHandler):
    """As clamd does: a command, chunks with their length before them, an empty one, then the
    verdict.
    """

    def handle(self) -> None:
        assert self.rfile.read(10) == b"zINSTREAM\0"
        data = b""
        while length := int.from_bytes(self.rfile.read(4)):
            data += self.rfile.read(length)
        if b"sleeps" in data:
            self.wfile.write(b"INSTREAM size limit exceeded. ERROR\0")
        else:
            self.wfile.write(
                b"stream: Eicar-Test-Signature FOUND\0" if EICAR in data else b"stream: OK\0"
            )


@pytest.fixture
def scanner(settings) -> Iterator[None]:
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Clamd) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        settings.SCANNER_URL = f"clamd://127.0.0.1:{server.server_address[1]}"
        yield
        server.shutdown()


@pytest.fixture(params=["port", "socket"])
def away(request, settings, tmp_path) -> None:
    """Nobody listens there."""
    with socketserver.TCPServer(("127.0.0.1", 0), Clamd) as server:
        port = server.server_address[1]
    addresses = {"port": f"clamd://127.0.0.1:{port}", "socket": f"clamd://{tmp_path}/clamd.ctl"}
    settings.SCANNER_URL = addresses[request.param]


@pytest.fixture
def work_order(clock, dana):
    return make_accepted(dana, parts_required=False)


def fresh_scan(file) -> str:
    return File.objects.get(pk=file.pk).scan


def opened(browser, file) -> tuple[int, str]:
    answer = browser.get(address(file))
    return answer.status_code, "" if list(answer) and answer.streaming else html_of(answer)


def test_without_a_scanner_nothing_waits(work_order, dana, client_of):
    file = add(work_order, dana, PDF)
    assert (file.scan, scan_files(), opened(client_of(dana), file)) == ("", 0, (200, ""))


def test_a_clean_document_is_opened_as_soon_as_it_was_looked_at(
    scanner, work_order, dana, client_of
):
    browser, file = client_of(dana), add(work_order, dana, pdf(body=OBJECTS + b"\0" * 3 * CHUNK))
    page = reverse("related", args=[work_order.number])
    assert opened(browser, file) == (409, "Being checked for viruses.")
    shown = html_of(browser.get(page))
    assert mismatches(shown, "Being checked for viruses", without=[address(file) + '"']) == []
    seen = fresh(work_order).version
    assert (scan_files(), scan_files()) == (1, 0)
    assert (opened(browser, file), fresh(work_order).version) == ((200, ""), seen)
    assert f'href="{address(file)}"' in html_of(browser.get(page))


def test_what_is_found_is_held_back_from_everyone_and_told(
    scanner, work_order, dana, staff, client_of
):
    file = add(work_order, dana, PDF + EICAR)
    scan_files()
    assert [opened(client_of(person), file) for person in (dana, staff)] == [
        (409, "Held back: a virus was found.")
    ] * 2
    assert len(in_storage()) == 1
    entry = work_order.ledger.last()
    assert (entry.event, entry.actor, entry.note) == (
        Event.FILE_CHANGED,
        None,
        "Found in it: Eicar-Test-Signature",
    )
    assert describe_entries([entry], dana)[0].changes == [
        ("Virus check", "Being checked for viruses", "Held back: a virus was found")
    ]


def test_while_the_scanner_is_away_nothing_is_clean(away, work_order, dana, client_of):
    file = add(work_order, dana, PDF)
    assert (scan_files(), opened(client_of(dana), file)[0]) == (0, 409)


def test_an_answer_that_is_no_verdict_is_not_clean_and_keeps_nobody_waiting(
    scanner, work_order, dana
):
    files = [add(work_order, dana, PDF + data) for data in (b"sleeps", b"")]
    assert (scan_files(), [fresh_scan(file) for file in files]) == (1, ["pending", "clean"])


def test_a_document_that_cannot_be_read_waits_on(scanner, work_order, dana, settings, tmp_path):
    file = add(work_order, dana, PDF)
    settings.MEDIA_ROOT = str(tmp_path / "elsewhere")
    assert (scan_files(), fresh_scan(file)) == (0, "pending")


def test_a_photo_is_written_anew_and_waits_for_nobody(away, work_order, dana, client_of):
    file = add(work_order, dana, JPEG)
    assert (file.scan, opened(client_of(dana), file)) == ("", (200, ""))


def test_a_document_that_was_removed_meanwhile_is_let_be(scanner, work_order, dana):
    file = add(work_order, dana, PDF)
    File.objects.filter(pk=file.pk).update(removed_at=file.uploaded_at, removed_by=dana)
    assert (scan_files(), fresh_scan(file)) == (0, "pending")
