"""Hostile input to every address, drawn by lot from a fixed seed: never an error of ours.

TRUST_REQUEST=n asks the n-th request alone, and prints it.
"""

import os
from random import Random
from typing import Any, NamedTuple
from urllib.parse import quote, urlencode

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection, transaction
from django.test import Client
from django.test.client import BOUNDARY, MULTIPART_CONTENT, encode_multipart

from tests.portal.test_query_values import NAMES
from tests.trust.forms import watched_forms
from tests.trust.world import NOBODY, World, every_address, path_of
from tests.workorders.uploads import JPEG, PDF

pytestmark = [pytest.mark.django_db, pytest.mark.no_waits]

SEED = 20260302
METHODS = ["GET"] * 4 + ["POST"] * 5 + ["HEAD", "PUT", "PATCH", "DELETE", "OPTIONS"]
WHO = ["dispatcher", "technician", "staff", "superuser", "other partner", NOBODY]
VALUES = [
    "",
    " ",
    "x" * 10_001,
    "\0",
    "\u202e",
    "\ufeff",
    "\ud800",
    "👩‍🔧",
    "é",
    "é",
    "{{7*7}}",
    "${7*7}",
    "{x.__class__}",
    "%s%n",
    "'\"><svg onload=alert(1)>",
    "</script>",
    "javascript:alert(1)",
    "a\r\nb: c",
    "../../etc/passwd",
    str(2**31),
    str(2**63),
    str(-(2**63) - 1),
    "1e309",
    "NaN",
    "-0",
    "0x10",
    "١٢٣",
    "0001-01-01",
    "9999-12-31",
    "2026-02-30",
    "2028-02-29",
    "2026-03-08T02:30",
    "2026-12-31T23:59:60",
    "0001-01-01T00:00",
    "9999-12-31T23:59",
    "1",
    "-1",
    "0",
    "on",
    "true",
    "WO-1",
    "WO-KESTREL",
    "FSO-1",
    "1 OR 1=1--",
    "[]",
    "{}",
    "null",
    "a,b,c",
    "1,2",
    "%",
    "_",
    "\\",
    "a@b.example",
    "@",
    "+1 415 555 0100",
    "7c9e6679-7425-40de-944b-e07fc1f90ae7",
    "weather",
    "in-progress",
    "US",
    "America/Denver",
    "Mars/Base",
]
HEADERS = [
    "hx-request",
    "hx-current-url",
    "hx-target",
    "hx-trigger",
    "hx-prompt",
    "referer",
    "accept",
]
HEADERS += ["x-whole-page", "x-forwarded-for", "x-http-method-override", "accept-language", "range"]
HEADERS += ["if-modified-since", "if-none-match", "origin", "cookie"]
TYPES = [
    "application/json",
    "text/plain",
    "multipart/form-data",
    "",
    "a" * 300,
    "text/html; charset=x",
]
TYPES += ["application/x-www-form-urlencoded; charset=utf-7", "multipart/form-data; boundary="]


class Drawn(NamedTuple):
    """One request, and who sends it."""

    who: str
    method: str
    path: str
    body: bytes
    content_type: str
    headers: dict[str, str]

    def __str__(self) -> str:
        return f"{self.method} {self.path} by {self.who}, {self.content_type}: {self.body[:300]!r}"


def drawn(number: int, world: World, names: list[str]) -> Drawn:
    """The same for the same number, whatever was asked before."""
    lot = Random(f"{SEED} {number}")
    address = lot.choice(ADDRESSES)
    path = path_of(address, world.row)
    if lot.random() < 0.3:
        parts = [part for part in address.route.split("<") if ">" in part]
        keys = {part.partition(">")[0].rpartition(":")[2]: value(lot) for part in parts}
        path = path_of(
            address, world.row, **{k: quote(v, errors="replace") for k, v in keys.items()}
        )
    if lot.random() < 0.6:
        path += "?" + urlencode(fields(lot, names, 5), errors="replace")
    method = lot.choice(METHODS)
    body, content_type = b"", "application/x-www-form-urlencoded"
    if method not in ("GET", "HEAD"):
        body, content_type = sent(lot, names)
    headers = {lot.choice(HEADERS): in_a_header(value(lot)) for _ in range(lot.randrange(3))}
    return Drawn(lot.choice(WHO), method, path, body, content_type, headers)


ADDRESSES = sorted({each for each in every_address() if "logout" not in each.route})


def value(lot: Random) -> str:
    return lot.choice(VALUES)


def fields(lot: Random, names: list[str], most: int) -> list[tuple[str, str]]:
    return [(lot.choice(names), value(lot)) for _ in range(lot.randrange(most))]


def sent(lot: Random, names: list[str]) -> tuple[bytes, str]:
    """A form, mostly; with files, of another kind than it says, or cut."""
    typed = fields(lot, names, 25)
    kind = lot.random()
    if kind < 0.6:
        return urlencode(typed, errors="replace").encode(), "application/x-www-form-urlencoded"
    if kind < 0.8:
        data: dict[str, Any] = {n: v.encode(errors="replace").decode() for n, v in typed}
        content = lot.choice([JPEG, PDF, b"", b"<html>", JPEG[:90], b"\0" * 1000])
        name = lot.choice(
            ["a.jpg", "a.pdf", "../a.jpg", "x" * 300, "a.svg", "a\u202egpj.exe", ".csv"]
        )
        data[lot.choice(["uploads", "file", *names])] = SimpleUploadedFile(name, content)
        whole = encode_multipart(BOUNDARY, data)
        return whole[: lot.choice([len(whole), len(whole) // 2])], MULTIPART_CONTENT
    return lot.choice([b"{}", b"[1]", b"\xff\xfe", b"a=1&" * 1100, b"--x\r\n"]), lot.choice(TYPES)


def in_a_header(text: str) -> str:
    """What a server lets through: Latin letters, and no end of a line."""
    return "".join(each for each in text[:4000] if " " <= each <= "ÿ")


def every_name(browsers: dict[str, Client], world: World) -> list[str]:
    """Of query values, and of the fields of all forms."""
    with watched_forms() as names, transaction.atomic():
        for address in ADDRESSES:
            for who in ("dispatcher", "superuser"):
                with transaction.atomic():
                    browsers[who].post(path_of(address, world.row), {"x": "1"})
                    transaction.set_rollback(True)
        transaction.set_rollback(True)
    return sorted({*NAMES, *names, "form_key", "version", "kept"})


def status_of(browser: Client, request: Drawn) -> int:
    headers = {f"HTTP_{name.upper().replace('-', '_')}": v for name, v in request.headers.items()}
    kind, path = request.content_type, request.path
    with transaction.atomic():
        answer = browser.generic(request.method, path, request.body, kind, **headers)
        if answer.streaming:
            b"".join(answer.streaming_content)
        transaction.set_rollback(True)
    return answer.status_code


@pytest.mark.parametrize("count", [150, pytest.param(50_000, marks=pytest.mark.nightly)])
def test_hostile_input_is_no_error_of_ours(world, count, figure):
    browsers = {who: Client(raise_request_exception=False) for who in WHO}
    for who in browsers.keys() - {NOBODY}:
        browsers[who].force_login(world.people[who])
    names, one = every_name(browsers, world), os.environ.get("TRUST_REQUEST")
    sessions = {who: dict(browser.cookies) for who, browser in browsers.items()}
    broken = []
    for number in [int(one)] if one else range(count):
        request = drawn(number, world, names)
        browser = browsers[request.who]
        browser.raise_request_exception = bool(one)
        status = status_of(browser, request)
        browser.cookies.clear()
        browser.cookies.update(sessions[request.who])
        if status >= 500:
            broken.append(f"TRUST_REQUEST={number}: {status} for {request}")
    figure(f"{len(broken)} errors in {count:,} hostile requests on {connection.vendor}")
    assert not broken, "\n".join(broken[:50])
