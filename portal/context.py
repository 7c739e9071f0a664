"""Variables that every template can use."""

from django.conf import settings
from django.http import HttpRequest


def operator(request: HttpRequest) -> dict[str, str]:
    return {"operator": settings.OPERATOR_NAME, "support_phone": settings.OPERATOR_SUPPORT_PHONE}
