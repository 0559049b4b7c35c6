"""Numbers in the queries of addresses, which anybody can type."""

_DIGITS = 15  # a database has no room for many more, and answers them with an error


def number(given: str | None) -> int | None:
    """Return the whole number that a part of an address is; None where it is none, or too large for any row."""
    return int(given) if given and given.isdecimal() and len(given) <= _DIGITS else None
