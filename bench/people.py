"""People for the benchmark of load: each browses, adds and renames texts, asks a model for passages and names them.

Each keeps what the site has acknowledged, so that it can be compared with what the site has afterwards.
"""

import json
import random
import re
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from html import unescape
from typing import Any

from bench.session import Answer, Notes, Session
from trainer.contract.documents import sample_text
from webapp.launch.trial import Product

_PASSWORD = "an understudy knows the lines"
_POLL_SECONDS = 0.2  # as often as the page asks for the text that is being written
_THINKING = (1.0, 5.0)  # seconds between an answer and the next click
CHARACTERS, PASSAGES = 200, 2  # of a request
_PASSAGE = re.compile(r'data-passage="(\d+)"')
_STREAM = re.compile(r'data-stream="/passages/request/(\d+)/"')


@dataclass
class Kept:
    """What the site has acknowledged, by numbers. Where a write got no answer, what is there now is not known."""

    corpora: dict[int, str] = field(default_factory=dict)
    passages: dict[int, list[Any]] = field(default_factory=dict)
    requests: set[int] = field(default_factory=set)
    acknowledged: int = 0
    unanswered: int = 0


class Person(threading.Thread):
    """Somebody with an account and a model, who uses the site until `over`, and finishes what was begun."""

    def __init__(self, session: Session, name: str, model: bytes) -> None:
        super().__init__(daemon=True)
        self.kept = Kept()
        self.problem = ""
        self._session, self._name = session, name
        self._random = random.Random(name)
        self._over = threading.Event()
        self._corpus = self._model = 0
        self._sign_up(model)

    def use(self, over: threading.Event) -> None:
        """Begin to use the site."""
        self._over = over
        self.start()

    def run(self) -> None:
        actions: list[Callable[[], None]] = [self._look_around, self._read_lists, self._add, self._rename, self._write]
        while not self._over.wait(self._random.uniform(*_THINKING)):
            try:
                self._random.choice(actions)()
            except (ValueError, KeyError, TypeError) as problem:  # an answer is not what a person would expect
                self.problem = f"{self._name}: {problem!r}"
        self._session.close()

    # Browsing --------------------------------------------------------------------------------------------------------

    def _look_around(self) -> None:
        self._session.get("/", "home")
        self._pause()
        self._session.get(f"/corpora/{self._corpus}/", "corpus")
        self._pause()
        self._session.get(f"/models/new/{self._corpus}/", "training form")

    def _read_lists(self) -> None:
        for address, path in (
            ("/corpora/", "corpora"),
            ("/models/", "models"),
            (f"/models/{self._model}/", "finished model"),
            ("/passages/", "passages"),
            ("/passages/?q=the", "search"),
        ):
            self._session.get(address, path)
            self._pause()

    # Writing ---------------------------------------------------------------------------------------------------------

    def _sign_up(self, model: bytes) -> None:
        self._session.get("/accounts/signup/", "sign-up form")
        self._session.post(
            "/accounts/signup/", "signing up", {"username": self._name, "password1": _PASSWORD, "password2": _PASSWORD}
        )
        self._add()
        self._corpus = next(iter(self.kept.corpora))
        self._session.get("/models/upload/", "form for a model")
        self._model = _number(self._session.post("/models/upload/", "uploading a model", {}, {"archive": model}))

    def _add(self) -> None:
        name = f"{self._name}’s text {len(self.kept.corpora)}"
        start = self._random.randrange(20_000)
        text = sample_text()[start : start + 5_000]
        self._session.get("/corpora/new/", "form for a corpus")
        answer = self._session.post("/corpora/new/", "adding a corpus", {"name": name, "pasted": text})
        if self._was_acknowledged(answer):
            self.kept.corpora[_number(answer)] = name

    def _rename(self) -> None:
        name = f"{self._name}’s {self._random.random()}"
        address = f"/corpora/{self._corpus}/edit/"
        self._session.get(address, "corpus’s name")
        if self._was_acknowledged(self._session.post(address, "renaming a corpus", {"name": name})):
            self.kept.corpora[self._corpus] = name
        else:
            self.kept.corpora.pop(self._corpus, None)

    def _write(self) -> None:
        """Ask for passages, follow them until they are written, and name and star the first."""
        address = f"/passages/write/{self._model}/"
        self._session.get(address, "writing desk")
        wanted = {"prompt": "The ", "length": str(CHARACTERS), "unit": "characters", "passages": str(PASSAGES)}
        wanted |= {"temperature": "0.8", "seed": str(self._random.randrange(1_000_000))}
        answer = self._session.post(address, "asking for passages", wanted)
        if not self._was_acknowledged(answer):
            return
        page = self._session.get(unescape(answer.place), "writing desk").body.decode()
        request, passages = _STREAM.findall(page), _PASSAGE.findall(page)
        if not request or len(passages) != PASSAGES:
            raise ValueError(f"the desk does not show the request: {answer.place}")
        self.kept.requests.add(int(request[0]))
        self._follow(int(request[0]), passages)
        self._name_passage(int(passages[0]))

    def _follow(self, request: int, passages: list[str]) -> None:
        have, seen = dict.fromkeys(passages, 0), ""
        while True:
            asked = ",".join(f"{number}:{count}" for number, count in have.items())
            answer = self._session.get(f"/passages/request/{request}/?have={asked}&seen={seen}", "poll of a request")
            news = json.loads(answer.body) if answer.status == 200 else {}
            for piece in news.get("passages", ()):
                have[str(piece["pk"])] = piece["length"]
            seen = news.get("seen", seen)
            if news.get("over") or not answer.is_good:
                return
            threading.Event().wait(_POLL_SECONDS)

    def _name_passage(self, passage: int) -> None:
        title = f"{self._name}’s {self._random.random()}"
        self._session.get(f"/passages/{passage}/edit/", "passage’s name")
        named = self._session.post(f"/passages/{passage}/edit/", "naming a passage", {"title": title})
        starred = self._session.post(f"/passages/{passage}/star/", "starring a passage", {"starred": "1"})
        if self._was_acknowledged(named) & self._was_acknowledged(starred):
            self.kept.passages[passage] = [title, True]

    def _was_acknowledged(self, answer: Answer) -> bool:
        """Whether the site has done what a form asked for: it leads to a page then."""
        done = answer.status == 302
        self.kept.acknowledged += done
        self.kept.unanswered += not done
        return done

    def _pause(self) -> None:
        self._over.wait(self._random.uniform(*_THINKING))


def _number(answer: Answer) -> int:
    """Return the number of what a form has made, which stands in the address that it leads to."""
    found = re.search(r"/(\d+)/", answer.place)
    if found is None:
        raise ValueError(f"no number in {answer.status} {answer.place}: {answer.body[:2000]!r}")
    return int(found[1])


def several(product: Product, notes: Notes, count: int, model: bytes, prefix: str) -> list[Person]:
    """Sign up people, each with a text and with a model that writes."""
    return [Person(Session(product.port, notes), f"{prefix}{number}", model) for number in range(count)]
