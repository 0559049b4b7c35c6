"""Rows, texts and a failing storage that tests of pages begin with."""

import math
import struct
from typing import Any

import pytest

from trainer.contract.documents import sample_text
from trainer.contract.writing_settings import SAMPLING, SamplingOptions
from webapp import files
from webapp.accounts.models import User
from webapp.corpora import services as corpora
from webapp.corpora.models import Corpus
from webapp.inside import services as inside
from webapp.inside.models import Look, LookKind
from webapp.passages import services as writing
from webapp.passages.services import Wanted
from webapp.queue import transitions
from webapp.queue.models import Job, Kind
from webapp.queue.transitions import Lease
from webapp.studies import services as training
from webapp.studies.models import Study

TEXT = sample_text()[:5000]
LOOKED_AT = "Out, out,\nbrief"
PDF = b"%PDF-1.7\n1 0 obj\n<< /Type /Catalog >>\nendobj\n" + b"x" * 5000

#: in nats: 1.3863 are 2 bits, 2.0794 are 3
SCORE = {
    "held_out": {
        "whole": {"carried": 1.3862944, "cold": 2.0794415},
        "first_half": {"carried": 1.3862944, "cold": 2.0794415},
        "second_half": {"carried": 1.3862944, "cold": 2.0794415},
    },
    "baselines": {"ngram": 2.7725887, "ngram_order": 5, "xz": 3.4657359, "note": ""},
    "mixture": {
        "order": 5,
        "network": 0.7,
        "counting": 0.2,
        "second_half": 1.0397208,
        "network_second_half": 1.3862944,
    },
    "verdict": "Your model predicts this text better than counting letters does.",
}
PROGRESS = {
    "event": "progress",
    "step": 40,
    "epoch": 1.5,
    "chars": 4000,
    "train_loss": 1.3862944,
    "chars_per_s": 12_345,
    "seconds": 30.0,
    "seconds_left": 90.0,
    "done": 0.25,
}


def a_corpus(owner: User, text: str = TEXT, name: str = "Macbeth") -> Corpus:
    return corpora.add_corpus(owner, name, [("macbeth.txt", text.encode())], lowercase=False)


def a_study(owner: User, corpus: Corpus | None = None, recipe: str = "quick", name: str = "Banquo") -> Study:
    """A study as submitted: frozen, and its training queued."""
    return training.submit(owner, corpus or a_corpus(owner), {"recipe": recipe}, name)


def queue_trainings(owner: User, count: int) -> None:
    """Queue trainings that have no text, where only the order of jobs matters."""
    for _ in range(count):
        fields = {"corpus_name": "Corpus", "recipe": {}, "documents": [], "characters": 1}
        study = Study.objects.create(owner=owner, name="Study", **fields)
        Job.objects.create(owner=owner, kind=Kind.TRAIN, study=study)


def a_model(owner: User, **fields: Any) -> Study:
    """A study that has learned something it can write with."""
    study = a_study(owner, **fields)
    lease = begin(study)
    lease.move("succeed")
    learned = {"model_key": f"{study.prefix}/models/1-40", "model_sha256": "ab" * 32, "model_step": 40}
    Study.objects.filter(pk=study.pk).update(**learned, best_held_out=1.3862944)
    study.refresh_from_db()
    return study


def a_mixed_model(owner: User, **fields: Any) -> Study:
    """A model that can be mixed with counting the letters of its text."""
    study = a_model(owner, **fields)
    give_score(study, SCORE)
    return study


def give_score(study: Study, score: dict[str, Any]) -> None:
    """Give the stored model of a study this score."""
    study.figures = {"best_step": study.model_step, "score": score}
    study.save(update_fields=["figures"])


def begin(study: Study, kind: str = Kind.TRAIN) -> Lease:
    """Claim the study's job as a worker does, and let it run."""
    job = transitions.claim(kind, "worker")
    assert job and job.study_id == study.pk
    lease = Lease(job.pk, job.token)
    lease.move("run")
    return lease


def a_request(owner: User, study: Study | None = None, **wanted: Any) -> Job:
    """A request for passages, waiting to be written."""
    choices: dict[str, Any] = {"prompt": "Out, ", "length": 100, "seed": 7, **wanted}
    sampling = SamplingOptions(**{name: choices.pop(name) for name in SAMPLING if name in choices})
    return writing.write(owner, study or a_model(owner), Wanted(**choices, sampling=sampling))


def a_look(owner: User, study: Study | None = None, units: int = 3, layers: int = 2) -> Look:
    """A look at the gates, made, with arrays whose values are their numbers in the file."""
    study = study or a_model(owner)
    look = inside.look(owner, study, inside.Wanted(LookKind.GATES, LOOKED_AT))
    begin(study, Kind.LOOK).move("succeed")
    shapes = [(name, layer, units) for layer in range(layers) for name in ("forget", "cell", "hidden")]
    arrays: list[dict[str, Any]] = []
    for name, layer, width in [*shapes, ("next_ids", -1, 2), ("next_probabilities", -1, 2)]:
        offset = sum(4 * math.prod(array["shape"]) for array in arrays)
        arrays.append({"name": name, "layer": layer, "shape": [len(LOOKED_AT), width], "offset": offset})
    count = sum(math.prod(array["shape"]) for array in arrays)
    look.key = files.add(f"{study.prefix}/inside", "arrays.f32", struct.pack(f"<{count}f", *range(count)))
    look.result = {
        "text": LOOKED_AT,
        "symbols": list(LOOKED_AT),
        "known": len(LOOKED_AT),
        "unknown": [],
        "cell": "lstm",
        "layers": layers,
        "arrays": arrays,
        "spelling": {str(number): "x" for number in range(count)},
    }
    look.bytes = 4 * count
    look.save()
    return look


#: what a trainer measures of a model's memory; 0.6931472 nats are one bit
MEMORY = {
    "gradient": {"hidden": [[0, 1.0], [10, 0.1], [20, 0.01]], "cell": [[0, 2.0], [10, 1.0], [20, 0.5]]},
    "context": [[1, 2.0794415], [10, 1.3862944], [100, 0.6931472]],
}


def a_memory(owner: User, study: Study | None = None) -> Look:
    """A look at how far a model remembers, made."""
    study = study or a_model(owner)
    look = inside.look(owner, study, inside.Wanted(LookKind.MEMORY))
    begin(study, Kind.LOOK).move("succeed")
    look.result = MEMORY
    look.save()
    return look


def a_storage_that_fails_at_the_second_file(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Let the storage fail as a full disk does, after one more file. The list that it returns gets the file's key."""
    add, added = files.add, list[str]()

    def fill_up(*arguments: Any) -> str:
        if added:
            raise OSError("No space left on device")
        added.append(add(*arguments))
        return added[0]

    monkeypatch.setattr(files, "add", fill_up)
    return added
