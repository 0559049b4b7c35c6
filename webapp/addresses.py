"""The reader of numbers in the queries of addresses, where a visitor can type anything."""

_DIGITS = 15  # a database answers much longer numbers with an error


def number(given: str | None) -> int | None:
    """Return a part of an address as a whole number; None when it is none, or too large for any row."""
    return int(given) if given and given.isdecimal() and len(given) <= _DIGITS else None
