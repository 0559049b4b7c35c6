"""Exported chats become a line for each message, in the forms that programs and languages give them."""

import json

import pytest

from webapp.extraction import detection
from webapp.extraction.extracted import Format, TextProblem
from webapp.extraction.reading import read_text

MARK = "\u200e"  # from left to right
SAID = "Ann: Happy new year\nBob: You: too\n"
STAMPS = {
    "iPhone, 24 hours": "[31.12.20, 23:59:59] ",
    "iPhone, 12 hours": f"{MARK}[12/31/20, 11:59:59\u202fPM] ",
    "iPhone, Danish": "[31.12.2020 23.59.59] ",
    "iPhone, Chinese": "[2020/12/31 下午11:59:59] ",
    "iPhone, Arabic": "[\u200f31\u200f/12\u200f/2020, 11:59:59 م] ",
    "Android, British": "31/12/2020, 23:59 - ",
    "Android, American": "12/31/20, 11:59 PM - ",
    "Android, Spanish": "31/12/20, 11:59 p.\u00a0m. - ",
    "Android, Dutch": "31-12-2020 23:59 - ",
    "Android, Swedish": "2020-12-31 23:59 - ",
    "Android, Hungarian": "2020. 12. 31. 23:59 - ",
    "Android, Finnish": "31.12.2020 klo 23.59 - ",
    "Android, Bulgarian": "31.12.2020 г., 23:59 - ",
    "Android, Japanese": "2020/12/31 23:59 - ",
    "Android, Korean": "2020. 12. 31. 오후 11:59 - ",
    "Android, Arabic": "٣١/١٢/٢٠٢٠، ١١:٥٩ م - ",
    "Android, Persian": "\u200f۲۰۲۰/۱۲/۳۱، ۲۳:۵۹ - ",
}


def words(export: str) -> str:
    assert not detection.is_surely_plain("chat.txt", export.encode())
    extracted = read_text("chat.txt", export.encode(), None)
    assert extracted.format == Format.CHAT
    return extracted.decoded.text


@pytest.mark.parametrize("stamp", STAMPS.values(), ids=list(STAMPS))
def test_dates_of_all_kinds_begin_messages(stamp: str) -> None:
    lines = ["Messages are end-to-end encrypted.", "Ann: Happy\nnew year", "Ann added Eve", "Bob: You: too"]
    assert words("".join(f"{stamp}{line}\n" for line in [*lines, "Eve: \u263a"])) == SAID + "Eve: \u263a\n"


@pytest.mark.parametrize(
    "notice",
    [
        f"{MARK}Messages and calls are end-to-end encrypted. No one outside of this chat can read them.",
        f"{MARK}image omitted",
        f"{MARK}report.pdf • {MARK}12 pages {MARK}document omitted",
        f"{MARK}<attached: 00000012-PHOTO-2020-12-31.jpg>",
        f"{MARK}This message was deleted.",
        f"{MARK}Verpasster Sprachanruf",
        "<Media omitted>",
        "<Medien ausgeschlossen>",
        "IMG-20201231-WA0001.jpg (file attached)",
        "My report of 2020.pdf (Datei angehängt)",
        "You deleted this message",
        "Diese Nachricht wurde gelöscht.",
    ],
)
def test_what_the_program_writes_into_a_message_is_left_out(notice: str) -> None:
    lines = ["Ann: Happy new year", f"Bob: {notice}", "Bob: You: too"]
    assert words("".join(f"31/12/2020, 23:59 - {line}\n" for line in lines)) == SAID


def test_what_is_written_about_an_attachment_and_what_was_edited_stays() -> None:
    lines = [
        "Ann: IMG-20201231-WA0001.jpg (file attached)\nHappy new year",
        f"Bob: You: too {MARK}<This message was edited>",
        "Eve: <3 to all <This message was edited>",
        "Eve: You omitted me",
        "Eve: See example.org (it is nice)",
    ]
    expected = SAID + "Eve: <3 to all\nEve: You omitted me\nEve: See example.org (it is nice)\n"
    assert words("".join(f"31/12/2020, 23:59 - {line}\n" for line in lines)) == expected


def test_where_every_message_begins_with_that_mark_it_means_nothing() -> None:
    lines = [f"Ann: {MARK}Happy new year", f"Bob: {MARK}You: too", f"Bob: {MARK}Bye"]
    assert words("".join(f"31/12/2020, 23:59 - {line}\n" for line in lines)) == SAID + "Bob: Bye\n"


def test_all_chats_of_an_account_are_read() -> None:
    chats = [
        {"name": "Ann", "messages": [{"type": "message", "from": "Ann", "text": "Happy new year"}]},
        {"name": "Bob", "messages": [{"type": "message", "from": "Bob", "text": "You: too"}]},
    ]
    assert words(json.dumps({"about": "…", "chats": {"list": chats}})) == SAID


@pytest.mark.parametrize("export", [{"messages": 1, "from": 1}, {"messages": [], "chats": [1], "from": {}}, {}])
def test_what_is_no_export_of_telegram_is_refused_or_plain(export: object) -> None:
    data = json.dumps(export).encode()
    try:
        assert read_text("x.json", data, None).format == Format.TEXT
    except TextProblem as problem:
        assert "no messages" in str(problem)


def test_a_diary_is_no_chat() -> None:
    diary = "".join(f"2020-12-{day} 08:30 - Got up, and read until noon.\n" for day in range(10, 30))
    assert read_text("diary.txt", diary.encode(), None).decoded.text == diary
