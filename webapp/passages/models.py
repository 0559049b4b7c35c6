"""Passages: generated text, with everything needed to write it again."""

import re

from django.conf import settings
from django.db import models
from django.db.models import Case, F, Q, Sum, Value, When
from django.db.models.functions import Length
from django.urls import reverse
from django.utils.text import Truncator
from django.utils.translation import gettext_lazy as _

from webapp.queue.models import LIVE, Job, State
from webapp.studies.models import Study

_TAILS = (60, 400, 1_600)  # characters in which a text that goes in circles does so four times
_SHOWN_OPENING = 600  # characters of an opening at its end; where there are twice as many, those before are put away
_LINE = 600  # characters that are looked at for a line of 60: the Truncator normalises all that it is given
_WORD_AFTER_BLANKS = re.compile(r"\s+(?=\S)")
_LONGEST_WORD = 60  # characters a word, on average, of a passage of few words
_WORD = 12  # characters a word of a passage of many words, at most
BYTES_A_CHARACTER = 16  # of text and trace together, at most


class Unit(models.TextChoices):
    """What a passage's length counts."""

    CHARACTERS = "characters", _("characters")
    WORDS = "words", _("words")
    PARAGRAPH = "paragraph", _("until the paragraph ends")


class Opening(models.Model):
    """What the passages of a request go on from.

    It is kept once, and apart from their texts: a database writes the row of a text that grows anew each time.
    """

    study = models.ForeignKey(Study, models.CASCADE, related_name="openings")
    text = models.TextField()
    left_out = models.PositiveIntegerField(default=0, help_text="Characters before it, which no model would read.")
    bytes = models.PositiveIntegerField(help_text="Size in UTF-8.")

    def __str__(self) -> str:
        return Truncator(self.text).chars(60)


class PassageQuerySet(models.QuerySet["Passage"]):
    def stored_bytes(self) -> int:
        """Return how much room they take: those that are over their size, the others all that they may come to."""
        is_open = Q(job__state__in=(State.QUEUED, *LIVE))
        unit = Case(When(unit=Unit.WORDS, then=Value(_WORD * BYTES_A_CHARACTER)), default=Value(BYTES_A_CHARACTER))
        half_written = BYTES_A_CHARACTER * Length("text")
        size = Case(
            When(bytes__gt=0, then=F("bytes")),
            When(is_open, then=F("length") * unit),
            default=half_written,
            output_field=models.BigIntegerField(),
        )
        return int(self.aggregate(n=Sum(size))["n"] or 0)


class Passage(models.Model):
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="passages")
    study = models.ForeignKey(Study, models.CASCADE, related_name="passages")
    job = models.ForeignKey(Job, models.SET_NULL, null=True, related_name="passages")
    title = models.CharField(max_length=120, blank=True)
    created = models.DateTimeField(auto_now_add=True)
    submission = models.UUIDField(null=True, help_text="The form's own number: it writes once.")
    starred = models.BooleanField(default=False)
    share_key = models.CharField(
        max_length=43, unique=True, null=True, blank=True, help_text="Who knows it may read it. None: nobody else."
    )
    goes_on_from = models.ForeignKey(
        "self", models.SET_NULL, null=True, related_name="goings_on", help_text="Cut somewhere, and written on from."
    )
    again_of = models.ForeignKey(
        "self", models.SET_NULL, null=True, related_name="copies", help_text="Written once more, to be the same."
    )

    # What it takes to write it again
    opening = models.ForeignKey(Opening, models.RESTRICT, null=True, related_name="passages")
    length = models.PositiveIntegerField(help_text="In its unit; of a paragraph, characters at most.")
    unit = models.CharField(max_length=10, choices=Unit, default=Unit.CHARACTERS)
    temperature = models.FloatField()
    top_k = models.PositiveIntegerField(default=0)
    top_p = models.FloatField(default=1.0)
    penalty = models.FloatField(default=0.0, help_text="Against loops; 0 for none.")
    seed = models.PositiveBigIntegerField()
    index = models.PositiveIntegerField(default=0, help_text="Its place among the passages of its request.")
    model_sha256 = models.CharField(max_length=64, blank=True)
    recipe = models.JSONField(null=True, help_text="Of the model as it was: the trainer's own, nothing left open.")

    text = models.TextField(blank=True)
    unknown = models.CharField(max_length=200, blank=True, help_text="Opening characters new to the model.")
    complete = models.BooleanField(default=False)
    copied = models.JSONField(null=True, help_text="What of it stands in the source: see webapp.passages.copied.")
    bytes = models.PositiveBigIntegerField(default=0, help_text="Size of text and trace; 0 until it is over.")

    objects = PassageQuerySet.as_manager()

    class Meta:
        ordering = ("-created", "index", "-pk")
        constraints = [models.UniqueConstraint(fields=["submission", "index"], name="one_writing_a_submission")]

    def __str__(self) -> str:
        return self.title or f"passage {self.pk}"

    def get_absolute_url(self) -> str:
        return reverse("passages:detail", args=[self.pk])

    @property
    def prompt(self) -> str:
        """What it goes on from."""
        return self.opening.text if self.opening else ""

    @property
    def opening_line(self) -> str:
        """How it begins, for lists."""
        beginning = (self.prompt + self.text).lstrip()[:_LINE]
        return Truncator(" ".join(beginning.split())).chars(60) or str(self)

    @property
    def opening_parts(self) -> tuple[str, str]:
        """The opening in two: what of a long one is put away, and its end, from a word on. Together they are it."""
        if len(self.prompt) <= 2 * _SHOWN_OPENING:
            return "", self.prompt
        cut = len(self.prompt) - _SHOWN_OPENING
        word = _WORD_AFTER_BLANKS.search(self.prompt, cut, cut + _SHOWN_OPENING // 4)
        cut = word.end() if word else cut
        return self.prompt[:cut], self.prompt[cut:]

    @property
    def is_blank(self) -> bool:
        """Whether all of it was written, and nothing of it can be seen."""
        return self.complete and not self.text.strip()

    @property
    def goes_in_circles(self) -> bool:
        """Whether it ends by saying the same again and again."""
        return any(_goes_in_circles(self.text[-size:]) for size in _TAILS if len(self.text) >= size)

    @property
    def most_characters(self) -> int:
        """How many characters it may have, whatever its length counts."""
        if self.unit != Unit.WORDS:
            return self.length
        return min(_LONGEST_WORD * self.length, _WORD * self.length + 1_000)

    @property
    def is_endless(self) -> bool:
        """Whether it was cut because its paragraph or its words did not end."""
        return self.complete and self.unit != Unit.CHARACTERS and len(self.text) >= self.most_characters

    @property
    def is_being_written(self) -> bool:
        """Whether more of it may come."""
        return not self.complete and self.job is not None and not self.job.is_over


def _goes_in_circles(tail: str) -> bool:
    periods = range(1, len(tail) // 4 + 1)
    return not tail.isspace() and any(tail[period:] == tail[:-period] for period in periods)


class Trace(models.Model):
    """How likely the model found each symbol of a passage, and what else it thought of there."""

    passage = models.OneToOneField(Passage, models.CASCADE, related_name="trace")
    data = models.BinaryField(help_text="JSON, packed by zlib: see webapp.passages.traces.")

    def __str__(self) -> str:
        return f"trace of passage {self.passage_id}"
