"""Events: what a training tells whoever listens, one JSON object each."""

from typing import Any, Protocol

Event = dict[str, Any]


class Reporter(Protocol):
    """Whoever is told of a training."""

    def tell(self, event: Event) -> None: ...
