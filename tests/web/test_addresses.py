"""The numbers that people type into the query of an address."""

from hypothesis import given
from hypothesis import strategies as st

from webapp import addresses


@given(st.integers(0, 10**15 - 1))
def test_a_number_that_a_database_has_room_for_is_taken(number: int) -> None:
    assert addresses.number(str(number)) == number


@given(st.one_of(st.none(), st.integers(max_value=-1).map(str), st.integers(min_value=10**15).map(str)))
def test_a_negative_or_a_huge_one_is_none(given: str | None) -> None:
    assert addresses.number(given) is None


@given(st.text())
def test_no_text_is_an_error(text: str) -> None:
    found = addresses.number(text)
    assert found is None or 0 <= found < 10**15
