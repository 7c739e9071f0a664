"""What the forms of a page offer."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import transaction
from django.forms.forms import BaseForm
from django.test import Client


@contextmanager
def watched_forms() -> Iterator[set[str]]:
    """The names of all fields of the forms that are validated meanwhile."""
    names: set[str] = set()
    clean = BaseForm.full_clean

    def watch(form: BaseForm) -> None:
        names.update(form.add_prefix(name) for name in form.fields)
        clean(form)

    BaseForm.full_clean = watch  # type: ignore[method-assign]
    try:
        yield names
    finally:
        BaseForm.full_clean = clean  # type: ignore[method-assign]


def forms_sent(browser: Client, path: str, data: dict[str, Any]) -> set[str]:
    """The fields that the form at this address offers; nothing is changed by asking."""
    with watched_forms() as names, transaction.atomic():
        browser.post(path, data)
        transaction.set_rollback(True)
    return names
