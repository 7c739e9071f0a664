"""What a service refuses: the sentence in the form, and the status of the answer."""

from django.forms import BaseForm

from workorders.services import DomainError, InvalidState, NotStored, OverQuota

STATUSES: dict[type[DomainError], int] = {InvalidState: 409, OverQuota: 413, NotStored: 507}


def status_of(error: DomainError) -> int:
    """Return the HTTP status: 409 if the work order's status forbids it, or else 422."""
    return STATUSES.get(type(error), 422)


def add_refusal(form: BaseForm, error: DomainError) -> int:
    """Add the sentence to its field, or to the form. Return the HTTP status."""
    form.add_error(error.field if error.field in form.fields else None, error.message)
    return status_of(error)
