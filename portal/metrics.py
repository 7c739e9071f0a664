"""What Prometheus is told at /metrics, by all processes of this server together.

Each process counts in a file of its own, in VAR/metrics; whichever is asked adds them up. The rest
is read when it is asked for.
"""

import os
import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.utils import timezone
from django.utils.crypto import constant_time_compare

from portal.audit.services import last_backup_at
from portal.health import PATIENCE, folders, worker_heard_at
from portal.outbox.models import Message, State
from portal.routes import method_of, route_of
from portal.standby import STANDBY, standby
from portal.steady_cache import first_cache_answers

if settings.METRICS_TOKEN:  # which the package reads when it is loaded
    os.environ.setdefault("PROMETHEUS_MULTIPROC_DIR", str(settings.VAR / "metrics"))
FOLDER = Path(os.environ.get("PROMETHEUS_MULTIPROC_DIR", settings.VAR / "metrics"))

from prometheus_client import CollectorRegistry, Summary, generate_latest  # noqa: E402
from prometheus_client.core import GaugeMetricFamily  # noqa: E402
from prometheus_client.exposition import CONTENT_TYPE_LATEST  # noqa: E402
from prometheus_client.multiprocess import MultiProcessCollector  # noqa: E402

ANSWERS = Summary(
    "portal_answer_seconds",
    "Answers, and the seconds that they took.",
    ["method", "route", "status"],
    registry=None,
)


class CountAnswers:
    """In settings.MIDDLEWARE only where there is a token to ask with."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response
        FOLDER.mkdir(parents=True, exist_ok=True)
        _forget_the_dead()

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        began = time.perf_counter()
        response = self.get_response(request)
        answers = ANSWERS.labels(method_of(request), route_of(request), response.status_code)
        answers.observe(time.perf_counter() - began)
        return response


@login_not_required
def metrics(request: HttpRequest) -> HttpResponse:
    """In the text format of Prometheus, for whoever sends the token; 404 where there is none."""
    if not settings.METRICS_TOKEN:
        return HttpResponse(status=404)
    sent = request.headers.get("Authorization", "").removeprefix("Bearer ")
    if not constant_time_compare(sent, settings.METRICS_TOKEN):
        return HttpResponse(status=401, headers={"WWW-Authenticate": "Bearer"})
    registry = CollectorRegistry()
    MultiProcessCollector(registry, path=str(FOLDER))  # type: ignore[no-untyped-call]
    registry.register(Readings())
    return HttpResponse(generate_latest(registry), content_type=CONTENT_TYPE_LATEST)


class Readings:
    """What is so at this moment. Where the database does not answer, the rest is told."""

    def collect(self) -> Iterator[GaugeMetricFamily]:
        told: dict[str, tuple[str, float | None]] = {
            "cache_away": ("1 while the cache does not answer.", not first_cache_answers()),
        }
        try:
            told |= _of_database()
            answers = True
        except DatabaseError:
            answers = False
        told["database_answers"] = "1 while it does.", answers
        if STANDBY in settings.DATABASES:
            told |= _of_standby()
        for name, (meaning, value) in told.items():
            if value is not None:
                yield GaugeMetricFamily(f"portal_{name}", meaning, float(value))
        free = GaugeMetricFamily(
            "portal_disk_free_bytes", "Room left where files and database lie.", labels=["folder"]
        )
        for folder in folders():
            free.add_metric([str(folder)], shutil.disk_usage(folder).free)
        yield free


def _of_database() -> dict[str, tuple[str, float | None]]:
    waiting = Message.objects.in_state(State.WAITING).count()
    late, given_up = Message.objects.overdue(PATIENCE), Message.objects.in_state(State.GIVEN_UP)
    return {
        "mails_waiting": ("Mails to be sent.", waiting),
        "mails_late": ("Those that were due five minutes ago.", late.count()),
        "mails_given_up": ("Those that failed five times.", given_up.count()),
        "worker_heartbeat_age_seconds": ("Since the worker was heard of.", _age(worker_heard_at())),
        "backup_age_seconds": ("Since the last whole backup.", _age(last_backup_at())),
    }


def _of_standby() -> dict[str, tuple[str, float | None]]:
    is_read = standby.may_be_read()
    return {
        "standby_is_read": ("1 while lists are read from the standby.", is_read),
        "standby_bytes_behind": ("Written, and not replayed by it yet.", standby.bytes_behind),
    }


def _age(at: Any) -> float | None:
    return (timezone.now() - at).total_seconds() if at else None


def _forget_the_dead() -> None:
    """Once no process of the last start is left, begin anew: files would stay for ever."""
    files = list(FOLDER.glob("*.db"))
    numbers = {file.stem.rpartition("_")[2] for file in files}
    if not any(_lives(int(number)) for number in numbers if number.isdecimal()):
        for file in files:
            file.unlink(missing_ok=True)


def _lives(process: int) -> bool:
    if process == os.getpid():
        return False  # its number was another one's before
    with suppress(PermissionError):
        try:
            os.kill(process, 0)
        except ProcessLookupError:
            return False
    return True
