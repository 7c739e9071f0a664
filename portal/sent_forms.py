"""Every form of a signed-in person is written once, however often it is sent (docs/rules.md,
"Twice is once"); and a database that is busy is answered with a sentence.
"""

import hashlib
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

from django.contrib import messages
from django.contrib.messages import get_messages
from django.db import (
    DatabaseError,
    IntegrityError,
    InternalError,
    OperationalError,
    connection,
    transaction,
)
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render

from portal.form_key import FORM_KEY
from portal.people.models import SentForm, User
from workorders.services import prepare

View = Callable[[], HttpResponseBase]
RETRY_AFTER = "5"  # seconds
BUSY = "The portal is busy just now, and nothing was saved. Try again in a few seconds."
READ_ONLY = "25006"  # PostgreSQL's state for a write where nothing can be written
WRITES = ("INSERT", "UPDATE", "DELETE")
KEPT_HEADERS = ("Content-Type", "Location", "HX-Redirect", "HX-Retarget", "HX-Reswap", "HX-Trigger")


class SentForms:
    """Runs the view of a form in the transaction that also keeps its key and its answer."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: Callable[..., HttpResponseBase], args: Any, kwargs: Any
    ) -> HttpResponseBase | None:
        if request.method != "POST" or not isinstance(request.user, User):
            return None
        answer = partial(_answer, request, request.user, partial(view, request, *args, **kwargs))
        try:
            try:
                return answer()
            except IntegrityError:  # someone was faster: now the form itself can see it and say so
                for _, file in _files(request):
                    file.seek(0)
                return answer()
        except DatabaseError as error:
            if not is_busy(error):
                raise
            return busy(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        return busy(request) if is_busy(error) else None


def _answer(request: HttpRequest, user: User, view: View) -> HttpResponseBase:
    """The first answer to this form, if it was sent before; a form without a key is a new one."""
    key = request.POST.get(FORM_KEY)
    if not key:
        return view()
    prepare(file for _, file in _files(request))
    afterwards: list[Callable[[], None]] = []
    setattr(request, "after_saving", afterwards)  # noqa: B010  an HttpRequest does not know it
    with transaction.atomic():
        form = SentForm(user=user, key=_digest(request, key))
        try:
            with transaction.atomic():
                form.save(force_insert=True)  # waits for the same form under way
        except IntegrityError:
            return _first_answer(request, SentForm.objects.get(user=user, key=form.key))
        with _watched() as written:
            response = view()
        _keep(request, form, response) if written and response.status_code < 400 else form.delete()
    for do in afterwards:
        do()
    if afterwards and form.pk:
        form.messages = _said(request)
        form.save(update_fields=["messages"])
    return response


def _digest(request: HttpRequest, key: str) -> str:
    """Return the digest of the key and all that was sent.

    Other content under the same key is another form.
    """
    sent = [(name, request.POST.getlist(name)) for name in sorted(request.POST)]
    sent = [(name, values) for name, values in sent if name != "csrfmiddlewaretoken"]
    found = hashlib.sha256(json.dumps([key, request.get_full_path(), sent]).encode())
    for name, file in _files(request):
        found.update(f"{name} {file.name} {file.size} ".encode())
        for chunk in file.chunks():
            found.update(chunk)
        file.seek(0)
    return found.hexdigest()


def _files(request: HttpRequest) -> list[tuple[str, Any]]:
    return [(name, file) for name, files in request.FILES.lists() for file in files]


@contextmanager
def _watched() -> Iterator[list[str]]:
    """The writes meanwhile that were not rolled back: without one there is nothing that must not be
    done twice.
    """
    written: list[str] = []
    savepoints: dict[str, int] = {}

    def watch(execute: Any, sql: str, *args: Any) -> Any:
        if sql.startswith("SAVEPOINT"):
            savepoints[sql.split()[-1]] = len(written)
        elif sql.startswith("ROLLBACK TO SAVEPOINT"):
            del written[savepoints.get(sql.split()[-1], 0) :]
        elif sql.startswith(WRITES) and "people_loginsession" not in sql:
            written.append(sql.partition(" ")[0])
        return execute(sql, *args)

    with connection.execute_wrapper(watch):
        yield written


def _keep(request: HttpRequest, form: SentForm, response: HttpResponseBase) -> None:
    if hasattr(response, "render") and not getattr(response, "is_rendered", True):
        response.render()
    form.code = response.status_code
    form.headers = {name: response[name] for name in KEPT_HEADERS if name in response.headers}
    form.body = response.content.decode() if isinstance(response, HttpResponse) else ""
    form.messages = _said(request)
    form.save()


def _said(request: HttpRequest) -> list[list[Any]]:
    said = getattr(get_messages(request), "_queued_messages", [])
    return [[message.level, str(message.message), message.extra_tags] for message in said]


def _first_answer(request: HttpRequest, form: SentForm) -> HttpResponse:
    for level, text, tags in form.messages:
        messages.add_message(request, level, text, tags)
    to = form.headers.get("Location") or form.headers.get("HX-Redirect")
    if to:
        is_fragment = request.headers.get("HX-Request") == "true"
        return HttpResponse(headers={"HX-Redirect": to}) if is_fragment else redirect(to)
    return HttpResponse(form.body, status=form.code, headers=form.headers)


def is_busy(error: Exception) -> bool:
    """Whether the database is busy, full, away or can only be read, as a standby that has not
    taken over yet. SQLite says the same of what is not migrated yet.
    """
    if isinstance(error, InternalError):
        return getattr(error.__cause__, "sqlstate", "") == READ_ONLY
    return isinstance(error, OperationalError) and not str(error).startswith("no such ")


def busy(request: HttpRequest) -> HttpResponse:
    """A sentence, and the form as it was typed, to be sent again with one press."""
    if request.headers.get("HX-Request") == "true":
        response = HttpResponse(BUSY, status=503, content_type="text/plain; charset=utf-8")
    else:
        response = render(request, "503.html", {"busy": BUSY, "typed": _typed(request)}, status=503)
    response.headers["Retry-After"] = RETRY_AFTER
    return response


def _typed(request: HttpRequest) -> list[tuple[str, str]]:
    """What a signed-in person has sent, but for passwords."""
    return [
        (name, value)
        for name, values in request.POST.lists()
        for value in values
        if name != "csrfmiddlewaretoken" and "password" not in name
    ]
