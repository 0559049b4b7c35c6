"""The cache in the broker, which holds the counts of rate limits. While the broker is away, each process counts alone.

django-redis with IGNORE_EXCEPTIONS is no substitute. While the broker is away it answers as if nothing were stored, so
that passwords could be guessed without a limit, and each call waits for the timeout again.
"""

import json
import logging
from collections.abc import Callable
from typing import Any

from django.core.cache.backends.base import DEFAULT_TIMEOUT, BaseCache
from django.core.cache.backends.locmem import LocMemCache
from django.core.cache.backends.redis import RedisCache

from webapp.broker import AWAY, breaker

log = logging.getLogger(__name__)
_LOCAL_ENTRIES = 20_000  # many, so that a visitor who causes many entries does not push out the counts of others


class JsonSerializer:
    """Values as JSON. Unlike pickle, it can't run code when it is read. Tuples come back as lists."""

    def dumps(self, value: Any) -> str:
        return json.dumps(value)

    def loads(self, data: bytes) -> Any:
        return json.loads(data)


class ForgivingRedisCache(BaseCache):
    """A Redis cache, replaced by a cache in this process while the broker is away, so that limits still hold."""

    def __init__(self, server: str, params: dict[str, Any]) -> None:
        super().__init__(params)
        self._redis = RedisCache(server, params)
        self._local = LocMemCache(server, {**params, "OPTIONS": {"MAX_ENTRIES": _LOCAL_ENTRIES}})

    def _ask(self, do: Callable[[BaseCache], Any]) -> Any:
        if breaker.is_worth_asking():
            try:
                found = do(self._redis)
            except AWAY as error:
                breaker.failed(error)
            else:
                breaker.answered()
                return found
        return do(self._local)

    def add(self, key: Any, value: Any, timeout: Any = DEFAULT_TIMEOUT, version: int | None = None) -> bool:
        return bool(self._ask(lambda cache: cache.add(key, value, timeout, version)))

    def get(self, key: Any, default: Any = None, version: int | None = None) -> Any:
        try:
            return self._ask(lambda cache: cache.get(key, default, version))
        except (ValueError, RecursionError):  # an older version of the site, or another program, has written it
            log.warning("the cache holds something under %s that is not JSON", key)
            return default

    def set(self, key: Any, value: Any, timeout: Any = DEFAULT_TIMEOUT, version: int | None = None) -> None:
        self._ask(lambda cache: cache.set(key, value, timeout, version))

    def touch(self, key: Any, timeout: Any = DEFAULT_TIMEOUT, version: int | None = None) -> bool:
        return bool(self._ask(lambda cache: cache.touch(key, timeout, version)))

    def delete(self, key: Any, version: int | None = None) -> bool:
        return bool(self._ask(lambda cache: cache.delete(key, version)))

    def incr(self, key: Any, delta: int = 1, version: int | None = None) -> int:
        return int(self._ask(lambda cache: cache.incr(key, delta, version)))

    def clear(self) -> None:
        self._ask(lambda cache: cache.clear())
