"""A process with a product's settings and database, which submits work and signs people in for tests.

It is started once for a product and then takes one call after the other: `manage.py shell` takes seconds each time.
A call is the name of one of the functions below, with its arguments.
"""

import json
import subprocess
import sys
import threading
import traceback
from pathlib import Path
from typing import Any

from webapp.launch.process_guard import end_with_parent

ROOT = Path(__file__).parents[2]


class InsideProduct:
    """The running process. It ends when it is closed."""

    def __init__(self, environment: dict[str, str]) -> None:
        self._one_at_a_time = threading.Lock()
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.support.inside_product"],
            cwd=ROOT,
            env={"DJANGO_SETTINGS_MODULE": "webapp.settings", **environment},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            preexec_fn=end_with_parent,
        )

    def call(self, function: str, **arguments: Any) -> Any:
        """Let it call one of the functions of this module. Return the result."""
        assert self._process.stdin and self._process.stdout
        with self._one_at_a_time:
            print(json.dumps([function, arguments]), file=self._process.stdin, flush=True)
            answer = self._process.stdout.readline()
        result, failure = json.loads(answer or '["", "the process inside the product ended"]')
        assert not failure, failure
        return result

    def close(self) -> None:
        self._process.communicate()


# In the process that takes calls ----------------------------------------------------------------------------------


def submit(owner: str, texts: dict[str, str], corpus_name: str, recipes: dict[str, dict[str, Any]]) -> list[int]:
    """Submit trainings, each with its name, on one new corpus of these documents. Return the numbers of the studies."""
    from webapp.studies import services as studies

    person = _person(owner)
    corpus = _corpus(person, texts, corpus_name)
    return [studies.submit(person, corpus, recipe, name).pk for name, recipe in recipes.items()]


def add_corpus(owner: str, text: str, name: str) -> int:
    """Add a corpus of one document. Return its number."""
    return int(_corpus(_person(owner), {"text.txt": text}, name).pk)


def copy_into_a_passage(study: int, text: str) -> str:
    """Add a passage of a model that copies all of this text, and share it. Return the key of its link."""
    from secrets import token_urlsafe

    from webapp.passages.models import Passage
    from webapp.studies.models import Study

    wanted = {"length": len(text), "temperature": 1.0, "seed": 1, "complete": True, "share_key": token_urlsafe()}
    copied = {"spans": [[0, len(text), 0, 0]], "new": 0.0}
    model = Study.objects.get(pk=study)
    return str(Passage.objects.create(owner=model.owner, study=model, text=text, copied=copied, **wanted).share_key)


def stop(study: int) -> None:
    """Ask to stop a training."""
    from webapp.studies import services as studies
    from webapp.studies.models import Study

    studies.stop(Study.objects.get(pk=study))


def make_token(owner: str) -> str:
    """Return a new token of somebody, who gets an account if there is none."""
    from webapp.accounts import tokens

    return tokens.make(_person(owner), "A program", False)[1]


def sign_in(owner: str) -> str:
    """Return the number of a new session of somebody, who gets an account if there is none."""
    from django.test import Client

    client = Client()
    client.force_login(_person(owner))
    return client.cookies["sessionid"].value


def _person(name: str) -> Any:
    from webapp.accounts.models import User

    return User.objects.get_or_create(username=name)[0]


def _corpus(owner: Any, texts: dict[str, str], name: str) -> Any:
    from webapp.corpora import services as corpora

    return corpora.add_corpus(owner, name, [(file, text.encode()) for file, text in texts.items()], False)


def _serve() -> None:
    import django
    from django.db import connections

    from webapp import private

    private.close_to_others()
    django.setup()
    for line in sys.stdin:
        function, arguments = json.loads(line)
        try:
            answer = [globals()[function](**arguments), ""]
        except Exception:
            answer = [None, traceback.format_exc()]
        connections.close_all()  # nothing holds the database while the product is stopped, or its disk is full
        print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    _serve()
