"""Web servers are restarted one after the other behind the nginx of docs/production, under load: no
request fails, and each form is written once.
"""

import copy
import re
import shutil
import subprocess
import threading
from collections import Counter
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection
from django.urls import reverse

from tests import ROOT
from tests.factories import make_accepted, make_dana
from tests.processes import database_url, free_port, wait_for
from tests.trust.portal import RunningPortal, cookies_of
from tests.trust.test_kills import CLIENTS, Burst
from workorders.models import Comment

NGINX = shutil.which("nginx", path="/usr/sbin:/usr/bin")
pytestmark = [pytest.mark.slow, pytest.mark.live, pytest.mark.no_waits, pytest.mark.nightly]
pytestmark += [pytest.mark.skipif(not NGINX, reason="there is no nginx on this machine")]

ROUNDS = 3
AROUND = """
user root; daemon off; pid {folder}/nginx.pid; error_log {folder}/error.log;
events {{}}
http {{
    access_log off; client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy;
    {site}
}}
"""


def site_of(ports: list[int], listen: int) -> str:
    """The documented site, without TLS and on other ports."""
    text = (ROOT / "docs/production/nginx.conf").read_text()
    text = re.sub(r"server \{\s+listen 80;.*?\n\}\n", "", text, flags=re.DOTALL)
    text = re.sub(r"\n +(listen \[::\]|ssl_).*", "", text)
    text = text.replace("listen 443 ssl http2", f"listen 127.0.0.1:{listen}")
    for documented, port in zip(("8001", "8002"), ports, strict=True):
        text = text.replace(f"127.0.0.1:{documented} ", f"127.0.0.1:{port} ")
    return text


def test_a_restart_fails_no_request(real_transactions, tmp_path, figure):
    dana = make_dana()
    rows = [make_accepted(dana, parts_required=False) for _ in range(CLIENTS)]
    env = {"DATABASE_URL": database_url(), "CACHE_URL": "locmemcache://", "TRUSTED_PROXIES": "1"}
    env |= {"QUEUE_URL": f"sqlite:///{tmp_path}/queue.sqlite3", "MEDIA_ROOT": settings.MEDIA_ROOT}
    env |= {"PORTAL_BASE_URL": "http://127.0.0.1", "ALLOWED_HOSTS": "127.0.0.1"}
    portals = [RunningPortal(env), RunningPortal(env)]
    front = copy.copy(portals[0])
    front.port = free_port()
    site = site_of([portal.port for portal in portals], front.port)
    config = tmp_path / "nginx.conf"
    config.write_text(AROUND.format(folder=tmp_path, site=site))
    nginx = subprocess.Popen([str(NGINX), "-p", str(tmp_path), "-c", str(config)])
    wait_for(front.answers, seconds=10)
    burst = Burst(front, [reverse("comment", args=[row.number]) for row in rows], cookies_of(dana))
    pages: Counter[int] = Counter()
    reader = threading.Thread(target=_read, args=[front, cookies_of(dana), burst, pages])
    reader.start()
    try:
        for portal in portals * ROUNDS:
            before = len(burst.acknowledged)
            portal.restart()
            wait_for(lambda before=before: len(burst.acknowledged) > before + 20, seconds=60)
    finally:
        burst.end()
        reader.join()
        nginx.terminate()
        nginx.wait(30)
        for portal in portals:
            portal.kill()
    refused = Path(tmp_path / "error.log").read_text().count("connect() failed")
    stored = Counter(Comment.objects.values_list("body", flat=True))
    figure(
        f"{burst.sent_again} of {len(burst.acknowledged) + pages.total():,} requests failed in"
        f" {2 * ROUNDS} restarts on {connection.vendor}; nginx asked the other one {refused} times"
    )
    assert (burst.sent_again, dict(burst.unexpected), set(pages)) == (0, {}, {200})
    assert stored == Counter(burst.acknowledged)
    assert refused > 0


def _read(front: RunningPortal, headers: dict[str, str], burst: Burst, pages: Counter[int]) -> None:
    while not burst.is_over.is_set():
        pages[front.ask("GET", "/work-orders/", **headers).status] += 1
