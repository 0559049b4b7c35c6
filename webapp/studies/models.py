"""The tables of studies. A study is a recipe applied to a frozen corpus, with history, checkpoint and model."""

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import F
from django.urls import reverse

from trainer.contract import voices
from trainer.contract.held_out import carried_or_cold
from trainer.contract.procedures import of_choices
from trainer.contract.recipe import BUDGETS, check
from webapp.accounts import stored
from webapp.corpora.models import Corpus

_TYPICAL_ALPHABET = 80


class Study(models.Model):
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="studies")
    name = models.CharField(max_length=120)
    corpus = models.ForeignKey(Corpus, models.SET_NULL, null=True, related_name="studies")
    corpus_name = models.CharField(max_length=120)
    corpus_version = models.PositiveIntegerField(null=True, help_text="Null: from before versions were counted.")
    corpus_choices = models.JSONField(null=True, help_text="What `Corpus.choices` was when it was frozen.")
    created = models.DateTimeField(auto_now_add=True)
    submission = models.UUIDField(null=True, unique=True, help_text="The form's own number: it submits once.")

    # Frozen when submitted
    recipe = models.JSONField(help_text="The recipe as asked for, in the trainer's own words.")
    documents = models.JSONField(help_text="[{name, key, sha256, characters, weight, document, source}], frozen.")
    characters = models.PositiveIntegerField()
    text_bytes = models.PositiveBigIntegerField(default=0, help_text="Size of the frozen texts, as stored.")
    base = models.ForeignKey("self", models.SET_NULL, null=True, help_text="The model of another text it began with.")
    base_key = models.CharField(max_length=200, blank=True, help_text="Key of the copy of that model, if any.")
    learned_before = models.JSONField(
        default=list, help_text="[{model, corpus, characters, documents}] of what that had learned, the newest first."
    )
    further = models.JSONField(
        null=True, help_text="The budget of more training from the best weights, where there was any."
    )
    needs_gpu = models.BooleanField(default=False, help_text="Only a worker with a GPU trains it.")
    uploaded = models.BooleanField(default=False, help_text="Trained elsewhere; its model came as a file.")
    deleting = models.BooleanField(default=False, help_text="Gone for its owner; files go when its job is over.")

    # The newest events of the trainer
    started = models.JSONField(null=True, help_text="The trainer's `started` event.")
    devices = models.JSONField(default=list, help_text="On what it was trained, in order: what workers announced.")
    step = models.PositiveIntegerField(default=0)
    progress = models.JSONField(null=True, help_text="The newest `progress` event.")
    best_held_out = models.FloatField(null=True, help_text="Nats per character on the first half.")  # see held_out
    warning = models.CharField(max_length=300, blank=True)
    rise = models.CharField(max_length=300, blank=True, help_text="A sentence, if the held-out loss has risen.")
    figures = models.JSONField(null=True, help_text="The trainer's `finished` event: score and seconds.")

    # Keys in the storage, which only the holder of the lease changes
    model_key = models.CharField(max_length=200, blank=True)
    model_sha256 = models.CharField(max_length=64, blank=True)
    model_step = models.PositiveIntegerField(default=0)
    checkpoint_key = models.CharField(max_length=200, blank=True)
    checkpoint_step = models.PositiveIntegerField(default=0)
    kept_bytes = models.PositiveBigIntegerField(default=0, help_text="Size of the model and the checkpoint.")
    history_bytes = models.PositiveBigIntegerField(default=0, help_text="Size of its history and samples, about.")

    class Meta:
        ordering = ("-created", "-pk")
        verbose_name_plural = "studies"

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("studies:detail", args=[self.pk])

    @property
    def prefix(self) -> str:
        """The prefix of the keys of its models and checkpoints."""
        return f"studies/{self.pk}"

    @property
    def text_folders(self) -> set[str]:
        """The prefixes of its frozen texts, and of a model that was uploaded.

        They have random names, since these files are stored before the row is.
        """
        models = [self.base_key, self.model_key if self.uploaded else ""]
        keys = [document["key"] for document in self.all_documents] + [key for key in models if key]
        return {"/".join(key.split("/")[:2]) for key in keys}

    @property
    def has_text(self) -> bool:
        """Whether the text that it learned is here. A model that was uploaded comes without one."""
        return bool(self.documents)

    @property
    def can_count(self) -> bool:
        """Whether passages can be mixed with what counting the letters of its text expects."""
        return self.has_text and bool((self.score or {}).get("mixture"))

    @property
    def all_documents(self) -> list[dict[str, Any]]:
        """The frozen documents of all texts that it learned from: its own, and those of the model it began with."""
        return [*self.documents, *(document for text in self.learned_before for document in text["documents"])]

    @property
    def weights(self) -> list[float]:
        """How often each document is read in an epoch; empty if each is read once, as in the tutorial's procedure."""
        weights = [document.get("weight", 1.0) for document in self.documents]
        return weights if of_choices(self.recipe).is_sized and any(weight != 1 for weight in weights) else []

    @property
    def characters_an_epoch(self) -> int:
        """The number of characters that an epoch reads, the held-out ones included: each document by its weight."""
        if not self.weights:
            return self.characters
        read = (weight * int(one["characters"]) for weight, one in zip(self.weights, self.documents, strict=True))
        return round(sum(read))

    @property
    def choices(self) -> dict[str, Any]:
        """The choices of its newest training, named as the options of the trainer's command line."""
        if not self.further:
            return dict(self.recipe)
        kept = {name: value for name, value in self.recipe.items() if name not in BUDGETS}
        return kept | {name: value for name, value in self.further.items() if name in BUDGETS}

    @property
    def document_voices(self) -> tuple[str, ...]:
        """The name of each document's voice, if the training learns voices."""
        return voices.named([document["name"] for document in self.documents]) if self.recipe.get("voices") else ()

    @property
    def voice_names(self) -> tuple[str, ...]:
        """The voices that its model can write in, as the trainer has named them."""
        return tuple((self.started or {}).get("recipe", {}).get("voice_names", ()))

    @property
    def window(self) -> int | None:
        """The number of symbols that its network reads anew for each prediction; None if it reads on and on."""
        procedure = of_choices(self.recipe)
        return None if procedure.learns_whole_sequences else int(procedure.own["sequence"])

    @property
    def network(self) -> tuple[int, int]:
        """The number of its network's layers, and of the units of each."""
        recipe = (self.started or {}).get("recipe", {})
        return int(recipe.get("layers") or 1), int(recipe.get("units") or 1)

    @property
    def is_lower_case(self) -> bool:
        """Whether the trainer reads its texts in lower case. The frozen texts may still have capitals then."""
        return bool(check(self.recipe)["lowercase"])

    @property
    def alphabet(self) -> int:
        """The number of different characters in its text; before the training has begun, a typical number."""
        return int((self.started or {}).get("vocabulary", _TYPICAL_ALPHABET + 1)) - 1

    @property
    def is_readable(self) -> bool:
        """Whether it has a model that can write."""
        return bool(self.model_key)

    @property
    def can_learn_another_text(self) -> bool:
        """Whether a training on another text can begin with its model."""
        return self.is_readable and of_choices(self.recipe).is_sized

    @property
    def held_out(self) -> float | None:
        """The loss that all pages show for this study, in nats per character of held-out text.

        It is the score over the whole held-out text, or the best evaluation until there is a score.
        """
        if not self.score:
            return self.best_held_out
        whole: dict[str, float | None] = self.score["held_out"]["whole"]
        return carried_or_cold(whole["carried"], whole["cold"])

    @property
    def score(self) -> dict[str, Any] | None:
        """The trainer's score of the stored model, in nats per character; None when that model has no score."""
        figures = self.figures or {}
        return figures.get("score") if figures.get("best_step") == self.model_step else None


stored.count("models", Study, F("text_bytes") + F("kept_bytes") + F("history_bytes"))


class HistoryPoint(models.Model):
    """One point of the chart. Losses are in nats per character, speeds in characters per second."""

    study = models.ForeignKey(Study, models.CASCADE, related_name="history")
    kind = models.CharField(max_length=10, choices=[("progress", "progress"), ("evaluated", "evaluated")])
    step = models.PositiveIntegerField()
    characters = models.PositiveBigIntegerField(default=0, help_text="Characters trained on so far.")
    train_loss = models.FloatField(null=True)
    carried = models.FloatField(null=True)
    cold = models.FloatField(null=True)

    class Meta:
        ordering = ("step", "pk")
        constraints = [models.UniqueConstraint(fields=["study", "kind", "step"], name="one_point_a_step")]

    def __str__(self) -> str:
        return f"{self.study_id} {self.kind} {self.step}"

    @property
    def held_out(self) -> float | None:
        """The loss that pages show for an evaluation; None for a point of another kind."""
        return carried_or_cold(self.carried, self.cold)


class Sample(models.Model):
    """A text that the model wrote without an opening at a step of its training."""

    study = models.ForeignKey(Study, models.CASCADE, related_name="samples")
    step = models.PositiveIntegerField()
    text = models.TextField()
    voice = models.CharField(max_length=200, blank=True, help_text="The document in whose voice it is, if any.")

    class Meta:
        ordering = ("step",)
        constraints = [models.UniqueConstraint(fields=["study", "step"], name="one_sample_a_step")]

    def __str__(self) -> str:
        return f"{self.study_id} at step {self.step}"
