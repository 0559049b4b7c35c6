"""The tables of passages, their openings and their traces. A row has all that is needed to write the text again."""

import re

from django.conf import settings
from django.db import models
from django.db.models import Case, F, Q, Value, When
from django.db.models.functions import Length
from django.urls import reverse
from django.utils.text import Truncator
from django.utils.translation import gettext_lazy as _

from trainer.contract.writing_settings import SAMPLING, SamplingOptions
from webapp.accounts import stored
from webapp.queue.models import LIVE, Job, State
from webapp.studies.models import Study

_TAILS = (60, 400, 1_600)  # characters at the end: when they are one piece four times, the text goes in circles
_SHOWN_OPENING = 600  # last characters of an opening that are always shown; of one twice as long, the rest is folded
_LINE = 600  # characters from which a line of 60 is made: the Truncator normalises its whole input, which takes time
_WORD_AFTER_BLANKS = re.compile(r"\s+(?=\S)")
_LONGEST_WORD = 60  # characters for each word, at most, in a passage of few words
_WORD = 12  # characters for each word, at most, in a passage of many words
BYTES_A_CHARACTER = 16  # of text and trace together, at most


class Unit(models.TextChoices):
    """The unit in which a passage's length is given."""

    CHARACTERS = "characters", _("characters")
    WORDS = "words", _("words")
    PARAGRAPH = "paragraph", _("until the paragraph ends")


class Opening(models.Model):
    """The text that the passages of a request continue.

    It is stored once for all passages, and not in their rows: a database writes the whole row anew whenever its text
    grows.
    """

    study = models.ForeignKey(Study, models.CASCADE, related_name="openings")
    text = models.TextField()
    left_out = models.PositiveIntegerField(default=0, help_text="Characters before it, which no model would read.")
    bytes = models.PositiveIntegerField(help_text="Size in UTF-8.")

    def __str__(self) -> str:
        return Truncator(self.text).chars(60)


stored.count("passages", Opening, F("bytes"), owner="study__owner")


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

    # All that is needed to write it again; the sampling options have the names of `SamplingOptions`
    opening = models.ForeignKey(Opening, models.RESTRICT, null=True, related_name="passages")
    length = models.PositiveIntegerField(help_text="In its unit; of a paragraph, characters at most.")
    unit = models.CharField(max_length=10, choices=Unit, default=Unit.CHARACTERS)
    temperature = models.FloatField()
    top_k = models.PositiveIntegerField(default=0)
    top_p = models.FloatField(default=1.0)
    penalty = models.FloatField(default=0.0, help_text="Against loops; 0 for none.")
    counting = models.FloatField(default=0.0, help_text="How much counting letters helped; 0 for not at all.")
    held = models.JSONField(
        default=list, blank=True, help_text="[{layer, unit, value}] of units held at a value; layers and units from 0."
    )
    voices = models.JSONField(default=dict, help_text="{name: share} of the voices it is in; empty for none.")
    seed = models.PositiveBigIntegerField()
    index = models.PositiveIntegerField(default=0, help_text="Its place among the passages of its request.")
    model_sha256 = models.CharField(max_length=64, blank=True)
    recipe = models.JSONField(null=True, help_text="Of the model as it was: the trainer's own, nothing left open.")

    text = models.TextField(blank=True)
    unknown = models.CharField(max_length=200, blank=True, help_text="Opening characters new to the model.")
    complete = models.BooleanField(default=False)
    copied = models.JSONField(null=True, help_text="What of it stands in the source: see webapp.passages.copied.")
    bytes = models.PositiveBigIntegerField(default=0, help_text="Size of text and trace; 0 until it is over.")

    class Meta:
        ordering = ("-created", "index", "-pk")
        constraints = [models.UniqueConstraint(fields=["submission", "index"], name="one_writing_a_submission")]

    def __str__(self) -> str:
        return self.title or f"passage {self.pk}"

    def get_absolute_url(self) -> str:
        return reverse("passages:detail", args=[self.pk])

    @property
    def prompt(self) -> str:
        """The text of its opening."""
        return self.opening.text if self.opening else ""

    @property
    def sampling(self) -> SamplingOptions:
        """How its symbols were chosen. An earlier version of the site may have had wider limits."""
        return SamplingOptions(**{name: getattr(self, name) for name in SAMPLING})

    @property
    def opening_line(self) -> str:
        """The beginning of opening and text, as one line for lists."""
        beginning = (self.prompt + self.text).lstrip()[:_LINE]
        return Truncator(" ".join(beginning.split())).chars(60) or str(self)

    @property
    def opening_parts(self) -> tuple[str, str]:
        """The opening in two parts: the folded part of a long one, and its end, which begins with a whole word."""
        if len(self.prompt) <= 2 * _SHOWN_OPENING:
            return "", self.prompt
        cut = len(self.prompt) - _SHOWN_OPENING
        word = _WORD_AFTER_BLANKS.search(self.prompt, cut, cut + _SHOWN_OPENING // 4)
        cut = word.end() if word else cut
        return self.prompt[:cut], self.prompt[cut:]

    @property
    def is_blank(self) -> bool:
        """Whether it is complete, and consists of blanks alone."""
        return self.complete and not self.text.strip()

    @property
    def goes_in_circles(self) -> bool:
        """Whether its end repeats the same piece again and again."""
        return any(_goes_in_circles(self.text[-size:]) for size in _TAILS if len(self.text) >= size)

    @property
    def most_characters(self) -> int:
        """How many characters it may have, in whatever unit its length is given."""
        if self.unit != Unit.WORDS:
            return self.length
        return min(_LONGEST_WORD * self.length, _WORD * self.length + 1_000)

    @property
    def is_endless(self) -> bool:
        """Whether it was cut at `most_characters`, before its paragraph or its number of words was reached."""
        return self.complete and self.unit != Unit.CHARACTERS and len(self.text) >= self.most_characters

    @property
    def is_being_written(self) -> bool:
        """Whether its text may still grow."""
        return not self.complete and self.job is not None and not self.job.is_over


def _size() -> Case:
    """Return the size of a passage. One that is not finished counts with the largest size that it may reach."""
    is_open = Q(job__state__in=(State.QUEUED, *LIVE))
    unit = Case(When(unit=Unit.WORDS, then=Value(_WORD * BYTES_A_CHARACTER)), default=Value(BYTES_A_CHARACTER))
    half_written = BYTES_A_CHARACTER * Length("text")
    return Case(
        When(bytes__gt=0, then=F("bytes")),
        When(is_open, then=F("length") * unit),
        default=half_written,
        output_field=models.BigIntegerField(),
    )


stored.count("passages", Passage, _size())


def _goes_in_circles(tail: str) -> bool:
    periods = range(1, len(tail) // 4 + 1)
    return not tail.isspace() and any(tail[period:] == tail[:-period] for period in periods)


class Trace(models.Model):
    """The probabilities that the model gave to each symbol of a passage, and to the likeliest others."""

    passage = models.OneToOneField(Passage, models.CASCADE, related_name="trace")
    data = models.BinaryField(help_text="JSON, packed by zlib: see webapp.passages.traces.")

    def __str__(self) -> str:
        return f"trace of passage {self.passage_id}"
