"""The reader of exported chats: WhatsApp's and Signal's text files, Telegram's JSON. Each message is one line."""

import json
import re
from collections.abc import Iterator
from typing import Any

from trainer.contract.decoding import Decoded
from webapp.extraction.extracted import Extracted, Format, TextProblem
from webapp.extraction.paragraphs import tidy

_MARKS = "[\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]*"
_DATE = r"\d{1,4}[./-]\d{1,2}[./-]\d{1,4}\.?"
_TIME = r"\d{1,2}[:.]\d{2}(?:[:.]\d{2})?(?:[ \u00a0\u202f]?[ap]\.?[ \u00a0]?m\.?)?"
_STAMP = rf"{_MARKS}(?:\[{_DATE},? {_TIME}\] ?|{_DATE},? {_TIME} (?:-|–) )"
_MESSAGE = re.compile(rf"^{_STAMP}(?P<rest>.*)$", re.IGNORECASE | re.MULTILINE)
_SAID = re.compile(rf"{_MARKS}(?P<name>[^\n:]{{1,60}}): {_MARKS}(?P<text>.*)", re.DOTALL)
_NO_WORDS = re.compile(r"<[^<>]{1,40}>|\S+\.\w{3,4} \([^()]{1,30}\)|[^\n]{0,30}(?:omitted|weggelassen|omis|omitid[oa])")
_LINES = 3  # messages that make a text a chat, and the share of its lines that begin with a date
_SHARE = 0.3
_BEGINNING = 20_000


def is_one(text: str) -> bool:
    """Whether a text is the export of a chat: many of its first lines begin with a date and a time."""
    beginning = text[:_BEGINNING]
    if _is_telegram(beginning):
        return True
    messages = len(_MESSAGE.findall(beginning))
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
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    starts = [*_MESSAGE.finditer(text)]
    for start, following in zip(starts, [*starts[1:], None], strict=True):
        said = _SAID.match(text[start.start("rest") : following.start() if following else len(text)])
        if said and not _NO_WORDS.fullmatch(said["text"].strip()):
            yield said["name"].strip(), said["text"]


def _of_json(text: str) -> Iterator[tuple[str, str]]:
    try:
        export = json.loads(text.lstrip("\ufeff"))
    except (ValueError, RecursionError) as error:
        raise TextProblem("The chat’s file is damaged (it is not valid JSON): export the chat again.") from error
    for message in export.get("messages", []) if isinstance(export, dict) else []:
        if isinstance(message, dict) and message.get("type") == "message":
            yield str(message.get("from") or "?"), _telegram_text(message.get("text"))


def _telegram_text(text: Any) -> str:
    """Return the words of a message, which Telegram writes as one string, or as parts of which some have a kind."""
    parts = text if isinstance(text, list) else [text]
    words = (part.get("text") if isinstance(part, dict) else part for part in parts)
    return "".join(word for word in words if isinstance(word, str))
