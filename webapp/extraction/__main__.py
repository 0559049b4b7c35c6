"""The process that extracts: `python -m webapp.extraction`, with a request as JSON on standard input.

The request is `{"folder": …, "sources": [{"number": …, "name": …, "path": …, "column": …}]}`. Each line of output is
the JSON of a document, of a refusal, or of `{"number": …, "done": true}` after the last of a source. Texts are written
into the folder as UTF-8.
"""

import dataclasses
import json
import sys
from pathlib import Path
from typing import Any

from webapp.extraction import confinement, limits
from webapp.extraction.extracted import Refused
from webapp.extraction.unpacking import Found, Unpacking


def main() -> None:
    request = json.load(sys.stdin)
    confinement.confine()
    for source in request["sources"]:
        confinement.allow_seconds(limits.SECONDS)
        _extract(Path(request["folder"]), **source)


def _extract(folder: Path, number: int, name: str, path: str, column: int | None) -> None:
    unpacking = Unpacking(folder, str(number))
    for place, one in enumerate(unpacking.documents(name, Path(path), column)):
        _say(number, _refusal(one) if isinstance(one, Refused) else _document(one, folder / f"{number}-{place}.txt"))
    _say(number, {"done": True})


def _refusal(refused: Refused) -> dict[str, Any]:
    return dataclasses.asdict(refused)


def _document(found: Found, text: Path) -> dict[str, Any]:
    extracted = dataclasses.asdict(found.extracted)
    text.write_text(extracted["decoded"].pop("text"), encoding="utf-8", newline="")
    return {"name": found.name, "original": str(found.original), "text": str(text), "extracted": extracted}


def _say(number: int, answer: dict[str, Any]) -> None:
    sys.stdout.write(json.dumps({"number": number, **answer}) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
