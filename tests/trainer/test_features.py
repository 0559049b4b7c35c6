"""Tests of the features of a text that units are compared with: each is where a reader sees it."""

import numpy as np
import pytest

from trainer.inspection.features import FEATURES

COUPLETS = "A cat\nwore a hat\nunder the sky\nwhere birds fly\n"


def _marked(name: str, text: str) -> str:
    """Return the text with dots where the feature is 0."""
    found = FEATURES[name](text)
    assert len(found) == len(text) and set(np.unique(found)) <= {0, 1}
    return "".join(character if value else "." for character, value in zip(text, found, strict=True))


@pytest.mark.parametrize(
    ("name", "text", "marked"),
    [
        ("inside_quotes", "He “said so”. “A", "...“said so”..“A"),
        ("inside_quotes", '"a" b "c\n\nd', '"a"..."c\n..'),
        ("inside_quotes", "„ja“ «oui» »nej« 「は」", "„ja“.«oui».»nej«.「は」"),
        ("inside_quotes", "‘it’s’ no’ “I’d”", "‘it’s’.....“I’d”"),
        ("inside_brackets", "f(a[0], b) c", ".(a[0], b).."),
        ("inside_brackets", "(a\n\nb)", "(a\n..."),
        ("inside_word", "It's 5 o’clock!", "It's.5.o’clock."),
        ("capital", "Ärger im HAUS", "Ä........HAUS"),
        ("digit", "in 1606 and 5", "...1606.....5"),
        ("after_speaker", "ROMEO:\nBut soft\nwhat\n\nAnna: hi\nho", ".......But soft.............hi..."),
        ("after_speaker", "MACBETH. Stars hide\nyour fires", ".........Stars hide..........."),
        ("after_speaker", "a note: it\nis so", "................"),
        ("blank_line", "a\n\nb\nc\n \nd", ".\n\n...\n \n."),
        ("heading", "Of Trees\n\nTrees grow.\n\nno\n\nOf Birds\n\nx", "Of Trees...................Of Birds..."),
    ],
)
def test_a_feature_is_where_a_reader_sees_it(name: str, text: str, marked: str) -> None:
    assert _marked(name, text) == marked


def test_the_second_of_two_lines_that_rhyme_is_marked() -> None:
    marked = _marked("rhyme", COUPLETS)
    assert marked.replace(".", "") == "hatfly" and marked.index("hat") == COUPLETS.index("hat")
    assert _marked("rhyme", "A cat\nwore a cat\nunder the tree\nwhere birds sing\n").strip(".") == ""  # the same word
    others = "".join(f"and nothing follows at the {word}\n" for word in ("door", "bird", "leaf", "stone", "hill") * 4)
    blank_verse = COUPLETS + others
    assert _marked("rhyme", blank_verse).strip(".") == ""


def test_places_are_counted_in_the_word_and_in_the_line() -> None:
    assert FEATURES["word_position"]("ab c\n").tolist() == [1, 2, 0, 1, 0]
    np.testing.assert_allclose(FEATURES["line_position"]("abcd\n\nx"), [0, 0.25, 0.5, 0.75, 1, 0, 0])
    np.testing.assert_allclose(np.exp(FEATURES["since_line_break"]("ab\ncd")) - 1, [0, 1, 0, 1, 2])


@pytest.mark.parametrize("name", FEATURES)
def test_every_text_has_every_feature(name: str) -> None:
    for text in ("", "\n", " ", "a", "“", "(\n\n)", "\n\n\n", "😀:\n", "A:" * 40):
        assert len(FEATURES[name](text)) == len(text)
