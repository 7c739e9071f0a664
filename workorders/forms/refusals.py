"""What a service refuses, said by the form that asked for it."""

from django.forms import BaseForm

from workorders.services import NotNow, Refused


def put(form: BaseForm, error: Refused) -> int:
    """Put the sentence at its field; the HTTP status: 409 when the work order's state is in the way, else 422."""
    form.add_error(error.field if error.field in form.fields else None, error.message)
    return 409 if isinstance(error, NotNow) else 422
