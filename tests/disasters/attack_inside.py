"""The attacks of a person who is signed in: texts that take long to read, and very many requests.

Its functions are among the attacks of `tests.disasters.attack`.
"""

import contextlib
import http.client
import secrets
import threading
import time
import urllib.parse
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

from tests.support.product import Product
from tests.support.site_operator import Operator
from tests.support.waiting import wait_for

_MEGABYTE = 1_000_000
_STEP = 0.2  # seconds between two checks whether the site answers
_GIVEN_UP_SECONDS = 60.0

Seconds = float


class Person:
    """Somebody who is signed in, and sends forms as a browser does."""

    def __init__(self, product: Product, cookie: str) -> None:
        self._product, self._cookie = product, cookie
        self._token = "x" * 32

    def ask(self, method: str, path: str, body: bytes = b"", kind: str = "") -> tuple[int, bytes, str]:
        """Return the status, the body and the new address of an answer."""
        connection = http.client.HTTPConnection("127.0.0.1", self._product.port, timeout=_GIVEN_UP_SECONDS)
        headers = {"Cookie": f"{self._cookie}; csrftoken={self._token}", "Content-Type": kind}
        connection.request(method, path, body, headers)
        answer = connection.getresponse()
        content = answer.read()
        connection.close()
        return answer.status, content, answer.headers.get("Location", "")

    def send(self, path: str, **fields: str) -> tuple[int, bytes, str]:
        fields |= {"csrfmiddlewaretoken": self._token}
        return self.ask("POST", path, urllib.parse.urlencode(fields).encode(), "application/x-www-form-urlencoded")

    def upload(self, name: str, content: bytes) -> tuple[int, bytes, str]:
        mark = secrets.token_hex(8)
        head = f'--{mark}\r\nContent-Disposition: form-data; name="csrfmiddlewaretoken"\r\n\r\n{self._token}\r\n'
        file = f'--{mark}\r\nContent-Disposition: form-data; name="documents"; filename="{name}"\r\n\r\n'
        body = head.encode() + file.encode() + content + f"\r\n--{mark}--\r\n".encode()
        return self.ask("POST", "/corpora/new/", body, f"multipart/form-data; boundary={mark}")


def while_asking(product: Product, do: Callable[[], Any]) -> tuple[Seconds, Seconds, Any]:
    """Call a function, and ask for /health/ meanwhile. Return how long both took, and the function's result."""
    over, slowest = threading.Event(), [0.0]

    def ask() -> None:
        while not over.wait(_STEP):
            slowest[0] = max(slowest[0], _health(product))

    asking = threading.Thread(target=ask)
    asking.start()
    began = time.monotonic()
    try:
        found = do()
    finally:
        took = time.monotonic() - began
        over.set()
        asking.join()
    return took, slowest[0], found


def _health(product: Product) -> Seconds:
    began = time.monotonic()
    connection = http.client.HTTPConnection("127.0.0.1", product.port, timeout=_GIVEN_UP_SECONDS)
    try:
        connection.request("GET", "/health/")
        connection.getresponse().read()
    except OSError:
        return _GIVEN_UP_SECONDS
    finally:
        connection.close()
    return time.monotonic() - began


def all_at_once(do: Callable[[int], Any], count: int) -> list[Any]:
    """Call a function several times at the same time."""
    found: list[Any] = [None] * count

    def one(number: int) -> None:
        found[number] = do(number)

    threads = [threading.Thread(target=one, args=(number,)) for number in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return found


def a_person(product: Product) -> tuple[Operator, Person, int]:
    """Return somebody with a study, and its number."""
    operator = Operator(product)
    study = operator.submit({"recipe": "quick", "steps": 5, "units": 16, "layers": 1, "batch": 4, "sequence": 16})
    operator.wait_for_state(study, "succeeded")
    return operator, Person(product, operator.sign_in("alice")), study


_MARKS = "a" + "\u0300\u0316" * 100_000
_LINES = "A line of it.\n" * 100 + "\n" * 200_000
_CENTRED = "A line of it.\n" * 100 + "".join(f"{' ' * 44}line {number}\n" for number in range(4_000))
TEXTS = {
    "100,000 pairs of marks on a letter": (_MARKS, ""),
    "200,000 line breaks, random opening": (_LINES, "random"),
    "centred lines, its last lines": (_CENTRED, "end"),
}


def read_texts(product: Product) -> Iterator[tuple[str, Seconds, Seconds]]:
    """Upload each text twice at once, and ask for openings. Yield its name, how long it took, the slowest /health/."""
    _operator, person, _study = a_person(product)
    for name, (text, opening) in TEXTS.items():
        upload = partial(_upload_numbered, person, text.encode())
        took, slowest, sent = while_asking(product, partial(all_at_once, upload, 2))
        if opening:
            address = _opening_of(person, sent[0][2], opening)
            again, slowest_then, _ = while_asking(product, partial(all_at_once, partial(_get, person, address), 4))
            took, slowest = max(took, again), max(slowest, slowest_then)
        yield name, took, slowest


def _upload_numbered(person: Person, data: bytes, number: int) -> tuple[int, bytes, str]:
    return person.upload(f"{number}.txt", data)


def _get(person: Person, address: str, _number: int) -> None:
    with contextlib.suppress(OSError, http.client.HTTPException):  # the process that read the text was ended
        person.ask("GET", address)


def _opening_of(person: Person, corpus: str, which: str) -> str:
    """Submit a training on a corpus. Return the address that gives an opening from it."""
    study = person.send(f"/models/new/{_last(corpus)}/", recipe="quick", epochs="1", units="16")[2]
    return f"/passages/write/{_last(study)}/opening/?opening={which}"


def _last(address: str) -> str:
    return address.strip("/").split("/")[-1]


def ask_for_passages(product: Product) -> tuple[int, float]:
    """Ask twelve times for eight passages with an opening of a megabyte, then until it is refused.

    Return how often it was taken, and the megabytes by which the database grew.
    """
    operator, person, study = a_person(product)
    wanted = {"prompt": "so foul and fair " * 58_000, "length": "20", "temperature": "1", "passages": "8", "seed": "1"}
    writers = operator.processes("-Q write")
    for writer in writers:
        writer.suspend()
    before = _size(product)
    taken = sum(person.send(f"/passages/write/{study}/", **wanted)[0] == 302 for _ in range(30))
    grown = (_size(product) - before) / _MEGABYTE
    for writer in writers:
        writer.resume()
    return taken, grown


def _size(product: Product) -> int:
    return sum(path.stat().st_size for path in product.data.glob("understudy.sqlite3*"))


def submit_at_once(product: Product) -> Seconds:
    """Submit a training on a text of 19 MB eight times at once; return how long a page that writes took meanwhile."""
    operator, person, _study = a_person(product)
    text = (b"So foul and fair a day I have not seen.\n" * 480_000)[:19_000_000]
    status, _, extraction = person.upload("long.txt", text)
    assert status == 302
    number = _last(wait_for(lambda: person.ask("GET", extraction)[2]))  # it leads on to the corpus once that is there
    waits: list[Seconds] = []
    over = threading.Event()

    def write() -> None:
        while not over.wait(_STEP):
            began = time.monotonic()
            person.send(f"/corpora/{number}/edit/", name="Long")
            waits.append(time.monotonic() - began)

    writing = threading.Thread(target=write)
    writing.start()
    all_at_once(lambda _: person.send(f"/models/new/{number}/", recipe="quick", epochs="1", units="16"), 8)
    over.set()
    writing.join()
    for job in operator.rows("SELECT study_id FROM jobs_job WHERE state IN ('queued', 'starting', 'running')"):
        person.send(f"/models/{job['study_id']}/stop/")
    return max(waits)
