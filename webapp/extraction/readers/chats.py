"""The reader of exported chats: WhatsApp's and Signal's text files, Telegram's JSON. Each message is one line."""

import json
import re
from collections.abc import Iterator
from typing import Any

from trainer.contract.decoding import Decoded
from webapp.extraction.extracted import Extracted, Format, TextProblem
from webapp.extraction.paragraphs import tidy

_DIRECTIONS = "\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\ufeff"
_MARKS = f"[{_DIRECTIONS}]*"
_BLANK = "[ \u00a0\u202f]?"
_PART = rf"{_MARKS}[./-]{_MARKS} ?"  # between day, month and year
_DATE = rf"\d{{1,4}}{_PART}\d{{1,2}}{_PART}\d{{1,4}}\.?"
_BETWEEN = r"[^\d\n\[\]]{1,12}?"  # date and time: a comma, a blank, in some languages a word
_HALF_OF_DAY = rf"(?:{_BLANK}[^\W\d_]{{1,2}}\.?(?:{_BLANK}[^\W\d_]{{1,2}}\.?)?)?"
_TIME = rf"\d{{1,2}}[:.]\d{{2}}(?:[:.]\d{{2}})?{_HALF_OF_DAY}"
_STAMP = rf"{_MARKS}(?:\[{_MARKS}{_DATE}{_BETWEEN}{_TIME}\] ?|{_DATE}{_BETWEEN}{_TIME} (?:-|–) )"
_MESSAGE = re.compile(rf"^{_STAMP}(?P<rest>.*)$", re.IGNORECASE | re.MULTILINE)
_SAID = re.compile(rf"{_MARKS}(?P<name>[^\n:]{{1,60}}?){_MARKS}: (?P<text>.*)", re.DOTALL)
_OF_PROGRAM = "\u200e"  # WhatsApp on an iPhone begins with it what the program itself writes into a message
_FILE = r"[^\n]{1,80}\.(?:jpe?g|png|webp|gif|mp[34]|3gp|mov|opus|ogg|m4a|aac|pdf|docx?|xlsx?|pptx?|odt|txt|csv|zip|vcf)"
# What stands in the place of an attachment, on a line by itself; a line after it is what was written about it.
_ATTACHMENT = re.compile(
    rf"{_MARKS}(?:<[^<>\n]{{1,60}}>|{_FILE} \([^()\n]{{1,30}}\)"
    r"|(?:image|photo|video|audio|gif|sticker|document|media|contact card|bild|dokument|kontaktkarte|imagen|imagem"
    r"|documento|immagine|afbeelding)"
    r" (?:omitted|weggelassen|absente?|omis|omitid[oa]|omess[oa]|ocultad[oa]|weggelaten))"
    r"[ \t]*(?:\n|\Z)",
    re.IGNORECASE,
)
_EDITED = re.compile(
    r"\u200e<[^<>\n]{1,60}>\Z|<[^<>\n]{0,40}(?:edited|bearbeitet|modifié|editó|editad[oa]|modificato|bewerkt)\.?>\Z"
)
_EDITED_CHARACTERS = 70  # at the end of a message
_DELETED = re.compile(
    r"(?:This message was deleted|You deleted this message"
    r"|Diese Nachricht wurde gelöscht|Du hast diese Nachricht gelöscht"
    r"|Ce message a été supprimé|Vous avez supprimé ce message|Se eliminó este mensaje|Eliminaste este mensaje"
    r"|Questo messaggio è stato eliminato|Hai eliminato questo messaggio|Esta mensagem foi apagada|Mensagem apagada"
    r"|Você apagou esta mensagem|Dit bericht is verwijderd|U hebt dit bericht verwijderd)\.?",
    re.IGNORECASE,
)
_LINES = 3  # messages that make a text a chat, and the share of its lines that begin with a date
_SHARE = 0.3
_MOST_OF_PROGRAM = 0.5  # of the messages; where more begin with that mark, it is another program's
_BEGINNING = 20_000


def is_one(text: str) -> bool:
    """Whether a text is the export of a chat: many of its first lines begin with a date, a time and a name.

    A journal has dates too, but no names after them.
    """
    beginning = text[:_BEGINNING]
    if _is_telegram(beginning):
        return True
    messages = sum(1 for _said in _said_in(beginning))
    return messages >= _LINES and messages >= _SHARE * (beginning.count("\n") + 1)


def _is_telegram(beginning: str) -> bool:
    return beginning.lstrip("\ufeff \r\n").startswith("{") and '"messages"' in beginning and '"from' in beginning


def read(decoded: Decoded) -> Extracted:
    """Return the messages, each as one line: who wrote, a colon and the words. Events and attachments are left out."""
    messages = _of_json(decoded.text) if _is_telegram(decoded.text[:_BEGINNING]) else _of_text(decoded.text)
    whole = tidy("\n".join(f"{name}: {' '.join(text.split())}" for name, text in messages if text.strip()))
    if not whole:
        raise TextProblem("The chat has no messages with words in it: export it again, with its messages.")
    return Extracted(Decoded(whole, decoded.encoding, decoded.replaced), Format.CHAT)


def _of_text(text: str) -> Iterator[tuple[str, str]]:
    said = list(_said_in(text.replace("\r\n", "\n").replace("\r", "\n")))
    of_program = sum(words.startswith(_OF_PROGRAM) for _name, words in said)
    is_mark = of_program <= _MOST_OF_PROGRAM * len(said)
    for name, words in said:
        yield name, _words(words, is_mark)


def _said_in(text: str) -> Iterator[tuple[str, str]]:
    """Yield the name and the words of each message. What the program reports has no name before a colon."""
    starts = [*_MESSAGE.finditer(text)]
    for start, following in zip(starts, [*starts[1:], None], strict=False):
        said = _SAID.match(text[start.start("rest") : following.start() if following else len(text)])
        if said:
            yield said["name"].strip(), said["text"]


def _words(text: str, is_mark: bool) -> str:
    """Return what a person wrote in a message; nothing if it is an attachment alone, was deleted, or is a report.

    `is_mark` says whether the program begins its own words with a mark.
    """
    attached = _ATTACHMENT.match(text)
    if attached is None and is_mark and text.startswith(_OF_PROGRAM):
        return ""
    words = (text[attached.end() :] if attached else text).strip()
    if edited := _EDITED.search(words, max(0, len(words) - _EDITED_CHARACTERS)):
        words = words[: edited.start()]
    words = words.lstrip(_DIRECTIONS)
    return "" if _DELETED.fullmatch(words) else words


def _of_json(text: str) -> Iterator[tuple[str, str]]:
    try:
        export = json.loads(text.lstrip("\ufeff"))
    except (ValueError, RecursionError) as error:
        raise TextProblem("The chat’s file is damaged (it is not valid JSON): export the chat again.") from error
    for message in _telegram_messages(export):
        if isinstance(message, dict) and message.get("type") == "message":
            yield str(message.get("from") or "?"), _telegram_text(message.get("text"))


def _telegram_messages(export: Any) -> Iterator[Any]:
    """Yield the messages of one chat, or of all chats of an account one after the other."""
    if not isinstance(export, dict):
        return
    several = export.get("chats")
    chats = several.get("list") if isinstance(several, dict) else [export]
    for chat in chats if isinstance(chats, list) else []:
        messages = chat.get("messages") if isinstance(chat, dict) else None
        yield from messages if isinstance(messages, list) else []


def _telegram_text(text: Any) -> str:
    """Return the words of a message, which Telegram writes as one string, or as parts of which some have a kind."""
    parts = text if isinstance(text, list) else [text]
    words = (part.get("text") if isinstance(part, dict) else part for part in parts)
    return "".join(word for word in words if isinstance(word, str))
