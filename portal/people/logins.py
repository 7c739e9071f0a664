"""What is kept of logins, by the numbers of people."""

import logging
from typing import Any

from portal.people.models import User

logger = logging.getLogger(__name__)


def note_failed_login(sender: Any, credentials: dict[str, Any], **kwargs: Any) -> None:
    """The same work whether there is such a person or not, so that the time does not tell."""
    email = str(credentials.get("email", "")).lower()
    person = User.objects.filter(email=email).only("pk").first()
    logger.warning("A login failed, of person %s", person.pk if person else "(unknown)")
