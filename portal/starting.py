"""What web and worker look at before they start."""

import logging

from django.db import OperationalError, connection

from portal.checks import limits_are_set
from workorders.models import append_only

logger = logging.getLogger(__name__)


def check() -> None:
    """End the process where the ledger could be changed; warn of limits that are missing.

    A database that is away is no reason not to start: the portal heals by itself.
    """
    try:
        if append_only.is_missing(connection):
            raise SystemExit(
                "The ledger is not guarded against changes. Run “manage.py migrate” first."
            )
        for warning in limits_are_set(None, [connection.alias]):
            logger.warning("%s %s", warning.msg, warning.hint)
    except OperationalError as error:
        logger.warning("The database does not answer yet: %s", error)
    finally:
        connection.close()
