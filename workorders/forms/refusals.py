"""What a service refuses: said by the form that asked for it, and as the status of the answer."""

from django.forms import BaseForm

from workorders.services import DomainError, InvalidState, NotStored, OverQuota

STATUSES: dict[type[DomainError], int] = {InvalidState: 409, OverQuota: 413, NotStored: 507}


def status_of(error: DomainError) -> int:
    """The HTTP status: 409 when the work order's status forbids it; 422 for what was entered."""
    return STATUSES.get(type(error), 422)


def add_refusal(form: BaseForm, error: DomainError) -> int:
    """Add the sentence to its field, where the form has one of that name. Gives the HTTP status."""
    form.add_error(error.field if error.field in form.fields else None, error.message)
    return status_of(error)
