"""A model travels: trained here, downloaded, written with by its own script, uploaded by somebody else, and trained."""

import io
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from tests.support.factory import TEXT, a_request
from tests.support.learning import RECIPE, bring, end_of_writing, learn, write
from webapp.accounts.models import User
from webapp.passages.models import Unit
from webapp.studies import services
from webapp.studies.models import Study

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("warm_trainers")]
GREEDY = {"temperature": 0.0, "length": 300, "prompt": "The "}


@pytest.fixture(autouse=True)
def _no_process_is_left() -> Iterator[None]:
    yield
    end_of_writing()


def generated(folder: Path, prompt: str, length: int) -> str:
    """Return what the script of a downloaded model writes. It finds nothing of this project."""
    command = [sys.executable, "-P", "generate.py", prompt, "--length", str(length), "--temperature", "0"]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=True, env={"PYTHONUTF8": "1"})
    return done.stdout.removesuffix("\n")


def test_it_writes_the_same_everywhere_and_learns_more(client: Client, alice: User, bob: User, tmp_path: Path) -> None:
    study = learn(services.submit(alice, bring(alice, TEXT), {**RECIPE, "steps": 40}, "Banquo"))
    (here,) = write(a_request(alice, study, **GREEDY))

    client.force_login(alice)
    data = client.get(f"/models/{study.pk}/download/").getvalue()
    zipfile.ZipFile(io.BytesIO(data)).extractall(tmp_path)
    assert generated(tmp_path / "banquo", "The ", 300) == here.text

    client.force_login(bob)
    client.post("/models/upload/", {"archive": SimpleUploadedFile("banquo.zip", data)})
    uploaded = Study.objects.get(owner=bob)
    assert uploaded.score == study.score and uploaded.held_out == study.held_out
    (there,) = write(a_request(bob, uploaded, **GREEDY))
    assert there.text == here.text and there.complete and there.copied is None
    (paragraph,) = write(a_request(bob, uploaded, length=200, unit=Unit.PARAGRAPH))
    assert paragraph.complete

    letters = bring(bob, "Äpfel und Birnen fallen im Garten, und der Hund schläft. " * 60)
    tuned = learn(services.submit(bob, letters, {"recipe": "quick", "steps": 5}, "Letters", base=uploaded))
    assert tuned.is_readable and tuned.started and tuned.started["recipe"]["units"] == RECIPE["units"]
    (passage,) = write(a_request(bob, tuned, length=80))
    assert passage.complete and passage.copied is not None
