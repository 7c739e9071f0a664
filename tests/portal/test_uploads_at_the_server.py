"""Uploads at the real application server: many at once, without a length, in chunks; and addresses
of the storage.
"""

import io
import os
import shutil
import socket
import subprocess
import sys
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import suppress
from http.client import HTTPConnection
from pathlib import Path
from typing import NamedTuple

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse
from PIL import Image

from portal.people.models import User
from tests import ROOT
from tests.factories import make_accepted
from tests.processes import database_url, free_port, wait_for
from tests.threads import at_once
from tests.workorders.uploads import JPEG, add, in_storage
from workorders.models import File, WorkOrder

pytestmark = [pytest.mark.slow, pytest.mark.live]

TOKEN = "t" * 32
LARGEST = 2**30  # bytes of memory of all workers together
BOUNDARY = "no-such-bytes-in-ten-mebibytes-of-noise"
FORM = f"multipart/form-data; boundary={BOUNDARY}"


class Server(NamedTuple):
    """A running portal."""

    port: int
    process: subprocess.Popen[bytes]
    coming: Path  # where uploads are kept while they come in

    def ask(self, method: str, path: str, body: bytes = b"", **headers: str) -> tuple[int, bytes]:
        wire = HTTPConnection("127.0.0.1", self.port, timeout=60)
        wire.request(method, path, body or None, headers)
        answer = wire.getresponse()
        found = answer.status, answer.read()
        wire.close()
        return found

    def memory(self) -> int:
        """Bytes that its processes hold."""
        found = 0
        for stat in Path("/proc").glob("[0-9]*/stat"):
            try:
                if os.getpgid(int(stat.parent.name)) == self.process.pid:
                    found += int((stat.parent / "statm").read_text().split()[1]) * os.sysconf(
                        "SC_PAGE_SIZE"
                    )
            except (OSError, IndexError):  # it has ended meanwhile
                continue
        return found


@pytest.fixture
def server(real_transactions, tmp_path) -> Iterator[Server]:
    """As the README starts it: two workers of sixteen threads."""
    port = free_port()
    (tmp_path / "coming").mkdir()
    ours = {
        "DEBUG": "1",
        "LOG_LEVEL": "ERROR",
        "DATABASE_URL": database_url(),
        "MEDIA_ROOT": settings.MEDIA_ROOT,
    }
    ours |= {"TMPDIR": str(tmp_path / "coming"), "CACHE_URL": "locmemcache://"}
    command = [
        sys.executable,
        "-m",
        "granian",
        "--interface",
        "wsgi",
        "--host",
        "127.0.0.1",
        "--port",
        str(port),
    ]
    command += ["--workers", "2", "--blocking-threads", "16", "--no-ws", "--log-level", "warning"]
    process = subprocess.Popen(
        [*command, "portal.wsgi:application"],
        cwd=ROOT,
        env=os.environ | ours,
        start_new_session=True,
    )
    running = Server(port, process, tmp_path / "coming")
    try:
        wait_for(lambda: is_up(running), seconds=30)
        yield running
    finally:
        process.terminate()
        process.wait(30)
    shutil.rmtree(settings.MEDIA_ROOT, ignore_errors=True)


def is_up(server: Server) -> bool:
    try:
        return server.ask("GET", "/healthz")[0] == 200
    except OSError:
        return False


@pytest.fixture
def work_order(real_transactions, dana) -> WorkOrder:
    return make_accepted(dana, parts_required=False)


def cookies(user: User) -> dict[str, str]:
    browser = Client()
    browser.force_login(user)
    session = browser.cookies[settings.SESSION_COOKIE_NAME].value
    return {
        "Cookie": f"{settings.SESSION_COOKIE_NAME}={session}; {settings.CSRF_COOKIE_NAME}={TOKEN}",
        "X-CSRFToken": TOKEN,
    }


def form(data: bytes, name: str = "cable.jpg") -> bytes:
    head = f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="upload_key"\r\n\r\n'
    head += f"{uuid.uuid4()}\r\n--{BOUNDARY}\r\n"
    head += f'Content-Disposition: form-data; name="uploads"; filename="{name}"\r\n\r\n'
    return head.encode() + data + f"\r\n--{BOUNDARY}--\r\n".encode()


def noise() -> bytes:
    """A photo of nearly 10 MiB: no two pixels alike."""
    written = io.BytesIO()
    Image.frombytes("RGB", (1860, 1860), os.urandom(1860 * 1860 * 3)).save(
        written, "PNG", compress_level=1
    )
    return written.getvalue()


@pytest.fixture
def read_meanwhile(server, omar) -> Iterator[Callable[[], list[int]]]:
    """The answers that someone else has got, who asks for one page after the other until now."""
    omars, statuses, over = cookies(omar), [], threading.Event()

    def read() -> None:
        while not over.wait(0.05):
            statuses.append(server.ask("GET", "/work-orders/", **omars)[0])

    def stop() -> list[int]:
        over.set()
        reader.join()
        return statuses

    reader = threading.Thread(target=read)
    reader.start()
    yield stop
    stop()


def test_many_large_photos_at_once_take_little_memory_and_shut_nobody_out(
    full_size, server, work_order, dana, read_meanwhile
):
    uploads = 50 if full_size else 20
    photo, danas = noise(), cookies(dana) | {"Content-Type": FORM}
    url, memory, over = (
        reverse("files", args=[work_order.number]),
        [server.memory()],
        threading.Event(),
    )

    def watch() -> None:
        while not over.wait(0.02):
            memory.append(server.memory())

    watcher = threading.Thread(target=watch)
    watcher.start()
    answers = at_once(*[lambda: server.ask("POST", url, form(photo), **danas)[0]] * uploads)
    read = read_meanwhile()
    over.set()
    watcher.join()
    assert (answers, File.objects.count(), len(in_storage())) == (
        [302] * uploads,
        uploads,
        2 * uploads,
    )
    assert list(server.coming.iterdir()) == []
    assert max(memory) < LARGEST
    assert set(read) == {200}
    assert len(read) > 3


def head_of(work_order: WorkOrder, known: dict[str, str]) -> bytes:
    first = f"POST {reverse('files', args=[work_order.number])} HTTP/1.1\r\nHost: localhost\r\n"
    return (
        first + "".join(f"{name}: {value}\r\n" for name, value in known.items()) + "\r\n"
    ).encode()


def test_uploads_that_come_in_slowly_keep_nobody_waiting(server, work_order, dana):
    """A dozen phones with a bad connection, each half-way through its photo, maybe all at the same
    worker.
    """
    body, danas = form(JPEG + b"\0" * 200_000), cookies(dana)
    head = head_of(work_order, danas | {"Content-Type": FORM, "Content-Length": str(len(body))})
    phones = [socket.create_connection(("127.0.0.1", server.port)) for _ in range(12)]
    for phone in phones:
        phone.sendall(head + body[:100_000])
    time.sleep(1)
    try:
        statuses = [server.ask("GET", "/work-orders/", **danas)[0] for _ in range(5)]
    finally:
        for phone in phones:
            phone.close()
    assert (statuses, File.objects.count()) == ([200] * 5, 0)


@pytest.mark.parametrize("chunked", [True, False])
def test_body_without_a_length_keeps_nothing_and_leaves_nothing(server, work_order, dana, chunked):
    body, known = (
        form(JPEG + b"\0" * 4 * 2**20),
        cookies(dana) | {"Content-Type": FORM, "Connection": "close"},
    )
    if chunked:
        known |= {"Transfer-Encoding": "chunked"}
        body = b"%x\r\n%b\r\n0\r\n\r\n" % (len(body), body)
    with socket.create_connection(("127.0.0.1", server.port)) as wire:
        with suppress(ConnectionError):  # it need not listen to the end
            wire.sendall(head_of(work_order, known) + body)
        answer = b"".join(iter(lambda: wire.recv(65536), b""))
    assert answer.split(b"\r\n")[0] == b"HTTP/1.1 422 Unprocessable Entity"
    assert (File.objects.count(), in_storage(), list(server.coming.iterdir())) == (0, [], [])


def test_no_address_leads_into_the_storage(server, work_order, dana):
    """However it is spelled, and for whoever is logged in."""
    stored, danas = add(work_order, dana).stored, cookies(dana)
    up = "../" * 12 + settings.MEDIA_ROOT.strip("/")
    addresses = [
        f"/{stored}",
        f"/media/{stored}",
        f"//media/{stored}",
        "/media/",
        "/var/media/",
        f"/static/../media/{stored}",
    ]
    addresses += [
        f"/static/{up}/{stored}",
        f"/static/{up.replace('/', '%2f')}/{stored}",
        f"/static//{up}/{stored}",
    ]
    addresses += [
        f"/static/{settings.MEDIA_ROOT}/{stored}",
        f"/work-orders/{work_order.number}/files/{stored}",
    ]
    addresses += [
        f"/work-orders/{work_order.number}/files/{uuid.uuid4()}/",
        f"/work-orders/../{stored}",
    ]
    assert {
        address: server.ask("GET", address, **danas)[0] for address in addresses
    } == dict.fromkeys(addresses, 404)
