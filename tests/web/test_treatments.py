"""The treatments of the doctor: what each changes in a text, and what it leaves."""

import unicodedata

import pytest

from tests.support.doubling import REPEATED
from tests.support.texts import prose
from trainer.contract.documents import as_stored, clean, sample_text, spelled
from webapp.doctor import controls, graphemes, rare, shared
from webapp.doctor.changes import Change, applied
from webapp.doctor.findings import find
from webapp.doctor.profile import Profile, language_of, unlike
from webapp.doctor.treatments import NOTHING, TREATMENTS, Choices, Name, treated

PROSE = """The river was quiet that morning, and nobody spoke of it until the
boats came round the bend again with their lanterns still burning,
though day had begun over the hills where we saw sails between the
trees.

“Come,” he said.
“Why?” she asked.

Roses are red
violets are blue
sugar is sweet

"""
VERSE = """Shall I compare thee to a summer’s day?
Thou art more lovely and more temperate:
Rough winds do shake the darling buds of May,
And summer’s lease hath all too short a date;
"""
FAMILY = "👩‍👩‍👧"


def after(name: str, text: str, **choices: object) -> str:
    return treated(text, Choices(frozenset([name]), **choices))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("name", "before", "expected"),
    [
        (Name.CONTROLS, "a\x1b[1mb\x0cc \x07d\x93Yes\x94 N\bN\n\x0b\n\x0bend\ufeff", "ab\nc d“Yes” N\n\nend"),
        (Name.MOJIBAKE, "Le garÃ§on Ã©tait fatiguÃ©.\nUn garçon.\n", "Le garçon était fatigué.\nUn garçon.\n"),
        (Name.MOJIBAKE, "РџСЂРёРІРµС‚, РјРёСЂ!\n", "Привет, мир!\n"),
        (Name.MOJIBAKE, clean("He said â\x80\x9cyesâ\x80\x9d and left."), "He said “yes” and left."),
        (Name.MOJIBAKE, "Её платье всё ещё висело. MANHÃ É\n", "Её платье всё ещё висело. MANHÃ É\n"),
        (Name.INVISIBLE, "so\u00adft \u200bone\u200f\ufeff", "soft one"),
        (Name.INVISIBLE, "א\u200f so\u00adft می\u200cخواهم " + FAMILY, "א\u200f soft می\u200cخواهم " + FAMILY),
        (Name.HYPHENS, "an exam-\nple of it. No example.\n", "an example\nof it. No example.\n"),
        (Name.HYPHENS, "a well-\nknown man, Mac-\nbeth.\n", "a well-\nknown man, Mac-\nbeth.\n"),
        (Name.HYPHENS, "Bei-\nspiel, ein Beispiel", "Beispiel,\nein Beispiel"),
        (Name.COMPATIBILITY, "ﬁne Ａ x² 50\u00a0km ´ é", "fine A x2 50 km ´ é"),
        (Name.QUOTES, "“Yes,” he said. \"No\", it’s 'so'", '"Yes," he said. "No", it\'s \'so\''),
        (Name.QUOTES, "«\u00a0Oui\u00a0» et “non”", '"Oui" et "non"'),
        (Name.QUOTES, "„Ja“, sagte er, „so ist’s“.", "„Ja“, sagte er, „so ist’s“."),
        (Name.DASHES, "yes--no — and – or 1–2 --flag ----- a - b", "yes—no — and — or 1–2 --flag ----- a — b"),
        (Name.DASHES, "one – two – three\n-----\n", "one – two – three\n-----\n"),
        (Name.BLANKS, "  a  b \n\n\n\n\n \n  c   \n\t\n d\t \nx ", "  a b\n\n\n  c\n\n d\nx"),
        (Name.DECOMPOSITION, "fée \u00e9\u0331 한!", "fe\u0301e e\u0331\u0301 \u1112\u1161\u11ab!"),
        (Name.LOWER, "It’s MacDuff’s. ÉTÉ, ΟΔΟΣ, Ⅷ שלום 天", "it’s macduff’s. été, οδος, ⅷ שלום 天"),
    ],
)  # fmt: skip
def test_a_treatment_mends_what_it_is_for_and_nothing_else(name: Name, before: str, expected: str) -> None:
    assert after(name, before) == expected
    assert after(name, expected) == expected


@pytest.mark.parametrize("unit", REPEATED.values(), ids=REPEATED)
def test_what_removes_controls_does_all_that_cleaning_does(unit: str) -> None:
    for text in (unit * 5, f"one\ntwo {unit}\n \n{unit} x\n{unit}", f"{unit}é\n\n{unit}"):
        stored = as_stored(text)
        assert spelled(applied(stored, controls.changes(stored))) == clean(text)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("\x1b]0;title\x07$ \x1b[01;34mman\x1b[0m page", "⟨\x1b]0;title\x07>⟩$ ⟨\x1b[01;34m>⟩man⟨\x1b[0m>⟩ page"),
        ("a\x0c \x0cb\x07c\x93Yes\x94", "a⟨\x0c \x0c>\n\n ⟩b⟨\x07> ⟩c⟨\x93>“⟩Yes⟨\x94>”⟩"),
        ("NA\bAM\bME _\bo_\bf", "NA⟨\bA>⟩M⟨\bM>⟩E ⟨_\b>⟩o⟨_\b>⟩f"),
        ("a\x034,5blue\x03\x02\x01\x04b", "a⟨\x034,5>⟩blue⟨\x03\x02\x01\x04> ⟩b"),
        ("one\n\x0c\n\x1b[1m\ntwo \x07 \x7f", "one\n⟨\x0c>⟩\n⟨\x1b[1m>⟩\ntwo ⟨\x07>⟩ ⟨\x7f>⟩"),
        (
            "x" * 900 + "\x1bPq" + "y" * 900 + "\x1b\\" + "z" * 90,
            "x" * 900 + "⟨\x1bPq" + "y" * 900 + "\x1b\\>⟩" + "z" * 90,
        ),
    ],
    ids=["terminal", "breaks", "overstrikes", "chat", "beside line ends", "a long code"],
)
def test_each_control_is_a_place(text: str, expected: str) -> None:
    found, end = "", 0
    for change in controls.changes(text):
        found += f"{text[end : change.start]}⟨{text[change.start : change.end]}>{change.new}⟩"
        end = change.end
    assert found + text[end:] == expected


def test_of_project_gutenbergs_books_the_books_are_left() -> None:
    book = (
        "The Project Gutenberg EBook of X\n\nThis eBook is for the use of anyone.\n\n"
        "*** START OF THE PROJECT GUTENBERG EBOOK X, OR\nTHE Y ***\n\nProduced by A and\nB\n\n\nTITLE\n\nText.\n\n\n"
        "End of Project Gutenberg’s X, by Y\n\n*** END OF THE PROJECT GUTENBERG EBOOK X ***\n\nlicence ***\n"
    )
    assert after(Name.GUTENBERG, book) == "TITLE\n\nText.\n"
    assert after(Name.GUTENBERG, book * 2) == "TITLE\n\nText.\n\n\nTITLE\n\nText.\n"
    of_old = "Small print\n*END*THE SMALL PRINT! FOR PUBLIC DOMAIN ETEXTS*Ver.04.29.93*END*\n\nTITLE\nText.\n"
    assert after(Name.GUTENBERG, of_old) == "TITLE\nText.\n"
    about = "I read it at Project Gutenberg. *** The end of it ***\n"
    assert after(Name.GUTENBERG, about) == about


def test_page_numbers_and_running_heads_go_and_a_sentence_goes_on_over_the_page() -> None:
    page = "the river was quiet that morning and nobody spoke\n" * 20
    last = [f"{prose(number, 9).lower()} it" for number in range(7)]
    book = "".join(f"THE RIVER\n\n{page}{line}\n\n{number}\n\n" for number, line in enumerate(last, start=7))
    found = after(Name.PAGES, book)
    assert found == "".join(f"{page}{line}\n" for line in last)
    assert after(Name.PAGES, found) == found


def test_numbers_of_chapters_and_names_of_speakers_are_no_pages() -> None:
    long = "".join(f"{number}\n\n{'A long chapter it was.' * 1000}\n\n" for number in range(1, 9))
    play = "".join(f"MACBETH\n{prose(n, n * n % 17 * 90 + 50)}\n\n" for n in range(60))
    assert after(Name.PAGES, long) == long
    short = "".join(f"Chapter {number}\n\n{'A short chapter it was.' * 40}\n\n" for number in range(1, 9))
    assert after(Name.PAGES, short) == short
    assert after(Name.PAGES, short.replace("Chapter", "THE RIVER")) != short
    assert after(Name.PAGES, play) == play


def test_wrapped_lines_are_joined_and_dialogue_and_verse_are_left() -> None:
    found = after(Name.WRAPPING, PROSE * 3)
    assert found.startswith("The river was quiet that morning, and nobody spoke of it until the boats came")
    assert found.count("\n") == 3 * 9
    assert "said.\n“Why?” she asked.\n\nRoses are red\nviolets are blue\n" in found
    assert after(Name.WRAPPING, VERSE * 30) == VERSE * 30
    sentences = "".join(f"on day {n:02} the river was quiet and nobody spoke of it.\n" for n in range(60))
    assert after(Name.WRAPPING, sentences) == sentences


def test_a_wrapped_chinese_text_is_joined_without_blanks() -> None:
    line = "道可道非常道名可名非常名無名天地之始有名萬物之母故常無欲以觀其妙常有"
    assert after(Name.WRAPPING, f"{line}\n{line}\n{line[:5]}\n\n" * 9) == f"{line}{line}{line[:5]}\n\n" * 9


def test_lines_that_many_documents_share_are_cut() -> None:
    texts = [f"Home | News | About us | Contact\nText {n}\n\nRead more at example.org today!\n" for n in range(4)]
    digests = frozenset(shared.found([*texts, "Another text\n"]))
    assert [after(Name.SHARED, text, shared=digests) for text in texts] == [f"Text {n}\n\n" for n in range(4)]
    assert shared.found(texts[:2]) == []


def test_characters_are_written_as_decided_and_clusters_stay_whole() -> None:
    text = f"e e\u0301 {FAMILY} 👩 …"
    mapping = {"e": "E", "👩": "", "…": "..."}
    assert after(Name.CHARACTERS, text, characters=mapping) == f"E e\u0301 {FAMILY}  ..."


def test_rare_characters_are_counted_as_clusters_with_what_they_may_be_written_as() -> None:
    text = f"plain text of letters é “x” {FAMILY} 🇫🇷 \u0937\u094d\u0923 漢字 " + 'e "-" ' * 20
    found = {one.character: (one.times, one.suggested) for one in rare.found(rare.counted(text)).listed}
    assert found == {
        "é": (1, "e"), "“": (1, '"'), "”": (1, '"'), FAMILY: (1, ""), "🇫🇷": (1, ""), "\u0937\u094d\u0923": (1, ""),
    }  # fmt: skip


def test_a_place_is_shown_with_whole_clusters_around_it() -> None:
    text = (FAMILY + "e\u0301") * 40 + "so\u00adft" + ("🇫🇷" + "\u0937\u094d\u0923") * 40
    (place,) = find(text, NOTHING).treatments[Name.INVISIBLE].places
    for part in (place.before.strip("…"), place.after.strip("…")):
        assert part and part in text
        start = text.index(part)
        assert graphemes.cut(text, start) == start and graphemes.cut(text, start + len(part)) == start + len(part)


def test_a_place_within_a_cluster_is_shown_with_the_whole_cluster() -> None:
    (place,) = find("ba\u034fc", NOTHING).treatments[Name.INVISIBLE].places
    assert (place.before, place.old, place.new, place.after) == ("b", "a\u034f", "a", "c")


def test_clusters_of_lines_that_stand_twice_are_counted_twice() -> None:
    text = f"{FAMILY}!\n" * 3
    assert graphemes.counts(text) == {FAMILY: 3, "!": 3, "\n": 3} and graphemes.length(text) == 9


def test_what_is_found_is_what_is_changed() -> None:
    text = '“Yes”  --  "no" — an exam-\nple of an example.   \n' * 3
    for name in TREATMENTS:
        finding = find(text, NOTHING).treatments.get(name)
        assert bool(finding) == (after(name, text) != text)
        if finding:
            assert len(text) - len(after(name, text)) == finding.characters


def test_findings_are_those_after_the_treatments_that_are_on() -> None:
    text = "The “exam-\nple” is an example.\n" * 9 + '"No"\n'
    assert find(text, NOTHING).treatments[Name.HYPHENS].count == 9
    assert Name.QUOTES in find(text, Choices(frozenset([Name.HYPHENS]))).treatments
    assert find(text, NOTHING).treatments.keys() == {Name.HYPHENS, Name.QUOTES, Name.LOWER}


LANGUAGES = {
    "English": "“Yes,” he said — MacDuff’s ﬁne café. ",
    "French, read wrongly": "L’Ã©tÃ© Ã  la forÃªt, ÃŠtre. ",
    "Russian": "Её платье ещё висело. Й ",
    "Hindi": "फ़िल्म क़लम\u200b Ａ² ",
    "Korean": "한국 사람\u00ad ﬀ ",
    "of capitals without small letters": "𝐀 𝐁𝐂 x𝐃Y ",
}


@pytest.mark.parametrize("times", [1, 3, 700], ids=str)
@pytest.mark.parametrize("text", LANGUAGES.values(), ids=LANGUAGES)
def test_replacements_are_counted_as_if_each_were_looked_at(
    text: str, times: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("webapp.doctor.changes._AT_ONCE", 5)
    text = "".join(f"{text}{number}\n" for number in range(times))
    found = find(text, NOTHING).treatments
    for name in (Name.LOWER, Name.COMPATIBILITY, Name.DECOMPOSITION, Name.INVISIBLE):
        every = [Change(*one) for one in TREATMENTS[name](text, NOTHING)]
        assert (name in found) == bool(every)
        if every:
            assert found[name].count == len(every)
            assert found[name].characters == len(text) - len(applied(text, every))
            spread = every[:: next(step for step in (1, 2, 4, 8, 16, 32, 64, 128, 256, 512) if len(every) <= 16 * step)]
            shown = spread[:: max(1, len(spread) // 4)][:4]
            for one, place in zip(shown, found[name].places, strict=True):
                assert text[: one.start].endswith(place.before.removeprefix("…"))
                assert text[one.end :].startswith(place.after.removesuffix("…"))


def test_treatments_are_kept_and_come_back_as_they_were() -> None:
    choices = Choices(frozenset([Name.QUOTES, Name.CHARACTERS]), {"…": "..."}, frozenset(["ab"]))
    assert Choices.of(choices.as_json()) == choices
    assert Choices.of({"switches": ["a treatment of old"]}) == NOTHING and NOTHING.as_json() == {}
    found = find(sample_text()[:20_000] + "é “x”", NOTHING)
    assert type(found).of(found.as_json()) == found


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("The man went to the river, and he was not in a hurry.", "en"),
        ("Der Mann ging zu dem Fluss, und er war nicht in Eile.", "de"),
        ("Il n’est pas dans la maison, et elle est sur le pont.", "fr"),
        ("Он был не в доме, и она не знала, как это было.", "ru"),
        ("Він не був у домі, і вона не знала, що це було.", "uk"),
        ("彼は川へ行きました。", "ja"),
        ("他去了河边。", "zh"),
        ("בְּרֵאשִׁית בָּרָא", "he"),
        ("በመጀመሪያ ቃል ነበረ።", "am"),
        ("ఆదిలో వాక్యము ఉండెను", "te"),
        ("xyz qwv zzz kkk", "latin"),
        ("12 34", ""),
    ],
)
def test_the_language_of_a_text_is_told(text: str, language: str) -> None:
    assert language_of(text) == language


def test_the_document_that_is_unlike_the_others_is_named() -> None:
    profiles = [Profile("en", 70, 0.05)] * 3 + [Profile("de", 300, 0.9)]
    assert [(one.document, one.trait, one.here, one.elsewhere) for one in unlike(profiles)] == [
        (3, "language", "de", "en"), (3, "lines", "long", "middle"), (3, "capitals", "all", "some"),
    ]  # fmt: skip
    assert unlike(profiles[2:]) == []


@pytest.mark.parametrize("text", ["", "\n", " ", "a", FAMILY, "\u0301", "-\n", "«", "*** START OF PROJECT GUTENBERG"])
def test_the_smallest_texts_pass_all_treatments(text: str) -> None:
    everything = Choices(frozenset(TREATMENTS), {"a": ""}, frozenset())
    assert isinstance(treated(text, everything), str)
    find(text, everything)


def test_a_treated_text_is_in_nfc_when_it_is_cleaned_again() -> None:
    text = clean(treated("e\u00ad\u0301", Choices(frozenset([Name.INVISIBLE]))))
    assert text == "é" and unicodedata.is_normalized("NFC", text)


@pytest.mark.parametrize(
    "text",
    [
        " " * 300_000 + "\n" + "\t" * 300_000,
        "1" + " " * 300_000 + "x\n" + "[" * 300_000,
        "*** START OF THE PROJECT GUTENBERG EBOOK X ***\nProduced by x\n" + "x " * 200_000,
        "a-\n" * 100_000 + "-\n" * 100_000,
        '“"' * 150_000 + "--" * 100_000,
        "Ã©" * 150_000,
        "\u200d" * 200_000 + "🇫" * 100_001,
        "\u0301é" * 100_000,
        "*** END OF PROJECT GUTENBERG" * 20_000 + "*" * 100_000,
        "12\n\n" * 60_000,
        ("\x0c \n" * 1000 + " \n" * 1000) * 80 + "\x1b" * 100_000,
    ],
    ids=map(str, range(13)),
)
def test_no_text_takes_longer_than_its_length_says(text: str) -> None:
    """What needs time in the square of the length would take hours here, and not a moment."""
    everything = Choices(frozenset(TREATMENTS), {"é": "e", "漢": "k"}, frozenset(["x"]))
    find(text, everything)
    find(text, NOTHING)
