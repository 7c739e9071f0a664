"""What a service refuses, said by the form that asked for it."""

from django.forms import BaseForm

from workorders.services import DomainError, InvalidState


def add_refusal(form: BaseForm, error: DomainError) -> int:
    """Add the sentence to its field.

    The HTTP status: 409 when the work order's status forbids it, else 422.
    """
    form.add_error(error.field if error.field in form.fields else None, error.message)
    return 409 if isinstance(error, InvalidState) else 422
