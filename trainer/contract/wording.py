"""The wording of numbers in sentences."""


def counted(number: int, one: str, many: str = "") -> str:
    """Return a number with what it counts: "1 character", "2,000 characters"."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"
