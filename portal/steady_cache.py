"""A cache that goes on in the database where the one of CACHE_URL does not answer.

It holds the limits on logins and on resets of passwords. Without it nobody could log in.
"""

import logging
import time
from typing import Any

from django.core.cache import caches
from django.core.cache.backends.base import BaseCache
from django.core.management import call_command
from redis.exceptions import RedisError

FIRST, SECOND = "first", "database"  # in settings.CACHES
PATIENCE = 10.0  # seconds until one that was away is asked again

logger = logging.getLogger(__name__)


class SteadyCache(BaseCache):
    """Asks the first cache, and the database while that one is away."""

    away_until = 0.0  # by the monotonic clock of this process

    def __init__(self, location: str, params: dict[str, Any]) -> None:
        super().__init__(params)

    def _ask(self, method: str, *args: Any, **options: Any) -> Any:
        if time.monotonic() >= SteadyCache.away_until:
            try:
                return getattr(caches[FIRST], method)(*args, **options)
            except (OSError, RedisError) as error:
                SteadyCache.away_until = time.monotonic() + PATIENCE
                logger.error("The cache does not answer, the database is used instead: %s", error)
        return getattr(caches[SECOND], method)(*args, **options)

    def add(self, *args: Any, **options: Any) -> Any:
        return self._ask("add", *args, **options)

    def get(self, *args: Any, **options: Any) -> Any:
        return self._ask("get", *args, **options)

    def set(self, *args: Any, **options: Any) -> Any:
        return self._ask("set", *args, **options)

    def touch(self, *args: Any, **options: Any) -> Any:
        return self._ask("touch", *args, **options)

    def delete(self, *args: Any, **options: Any) -> Any:
        return self._ask("delete", *args, **options)

    def clear(self) -> Any:
        return self._ask("clear")


def first_cache_answers() -> bool:
    try:
        caches[FIRST].get("answers")
    except (OSError, RedisError):
        return False
    return True


def make_table_after_migrate(*, using: str, **_: Any) -> None:
    call_command("createcachetable", database=using, verbosity=0)
