"""The tables of corpora, documents and extractions.

A corpus is documents of its owner, each at a place and with a weight. An extraction is an upload on its way there.
"""

from typing import Any

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F
from django.db.models.functions import Cast
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from trainer.contract.recipe import LEAST_WEIGHT, MOST_WEIGHT
from webapp.accounts import stored
from webapp.doctor import twice
from webapp.doctor.treatments import Choices
from webapp.extraction.extracted import VERSION, Format
from webapp.queue.models import Job

#: format → its name for people
FORMATS = {
    Format.TEXT.value: _("plain text"),
    Format.WORD.value: _("Word document"),
    Format.OPENDOCUMENT.value: _("OpenDocument text"),
    Format.RTF.value: _("RTF document"),
    Format.EPUB.value: _("e-book (EPUB)"),
    Format.PDF.value: _("PDF"),
    Format.HTML.value: _("web page"),
    Format.SUBTITLES.value: _("subtitles"),
    Format.CHAT.value: _("chat"),
    Format.TABLE.value: _("table"),
}


class Corpus(models.Model):
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="corpora")
    name = models.CharField(_("name"), max_length=120)
    lowercase = models.BooleanField(_("lower-case everything"), default=False)
    is_sample = models.BooleanField(default=False)
    documents: "models.ManyToManyField[Document, Place]" = models.ManyToManyField(
        "Document", through="Place", related_name="corpora"
    )
    version = models.PositiveIntegerField(default=1, help_text="Counts the changes of what a training reads.")
    treatment = models.JSONField(default=dict, help_text="What is switched on for all its documents: doctor.Choices.")
    # Figures of the cleaned texts of all documents together.
    characters = models.PositiveIntegerField(default=0)  # code points, as the trainer reads
    clusters = models.PositiveIntegerField(null=True, help_text="As a reader counts characters; null: not counted.")
    words = models.PositiveIntegerField(default=0)
    alphabet = models.PositiveIntegerField(default=0)
    cast = models.TextField(
        blank=True, help_text="Its characters, the most frequent first; of a large alphabet not all."
    )
    problem = models.TextField(blank=True, help_text="Why it can't be trained on; empty where it can.")
    left_out = models.JSONField(default=list, help_text="[[name, why]] of what was brought last and is not in it.")
    overlaps = models.JSONField(default=list, help_text="Documents that are the same or share text: see overlaps.py.")
    created = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ("-created", "-pk")
        constraints = [
            models.UniqueConstraint(fields=["owner"], condition=models.Q(is_sample=True), name="one_sample_a_person")
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("corpora:detail", args=[self.pk])

    def named_in(self, sentence: str) -> str:
        """Replace `{name}` in a sentence of HTML by the corpus's name, which keeps its own reading direction."""
        return format_html(sentence, name=format_html("<bdi>{}</bdi>", self.name))

    def change(self, **changed: Any) -> None:
        """Set these fields and save no others."""
        for field, value in changed.items():
            setattr(self, field, value)
        self.save(update_fields=changed)

    def change_texts(self, **changed: Any) -> None:
        """Set these fields, which depend on what a training reads, and begin a new version."""
        self.change(version=self.version + 1, **changed)

    def in_order(self) -> "models.QuerySet[Place]":
        """Return the places of its documents, in order, with the documents."""
        return self.places.select_related("document")

    def read_in_order(self) -> "list[Place]":
        """Return the places of the documents that a training reads: all but those that are left out."""
        places = list(self.in_order())
        are_read = twice.are_read([place.document.sha256 for place in places], self.switched_on.twice)
        return [place for place, is_read in zip(places, are_read, strict=True) if is_read]

    @property
    def switched_on(self) -> Choices:
        """The treatments that are switched on for all of its documents."""
        return Choices.of(self.treatment)

    @property
    def choices(self) -> dict[str, Any]:
        """Its choices for all its texts, which decide what a training reads of them."""
        return {"lowercase": self.lowercase, "treatment": self.treatment}

    @property
    def length(self) -> int:
        """The number of characters as a reader counts them."""
        return _length(self)

    @property
    def has_clusters(self) -> bool:
        """Whether the trainer counts more than a reader: some characters are several code points."""
        return self.length != self.characters

    @property
    def has_weights(self) -> bool:
        """Whether any document is read more or less than once in an epoch."""
        return self.places.exclude(weight=1).exists()

    @property
    def characters_an_epoch(self) -> int:
        """The number of characters that an epoch reads, the held-out ones included: each document by its weight."""
        if not self.has_weights:
            return self.characters
        return round(sum(place.weight * place.document.characters for place in self.read_in_order()))

    @property
    def has_capitals(self) -> bool:
        """Whether lower-casing would change the texts. Only their most frequent characters are looked at."""
        return self.cast != self.cast.lower()


class Document(models.Model):
    """A text of its owner. One that stands in no corpus any more is deleted."""

    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="documents")
    name = models.CharField(max_length=200)
    encoding = models.CharField(max_length=40)
    characters = models.PositiveIntegerField()  # code points, as the trainer reads
    clusters = models.PositiveIntegerField(null=True, help_text="As a reader counts characters; null: not counted.")
    unreadable = models.PositiveIntegerField(default=0, help_text="Characters that stand as U+FFFD.")
    nuls = models.PositiveIntegerField(default=0, help_text="NUL characters that were left out.")
    surplus_marks = models.PositiveIntegerField(default=0, help_text="Combining marks that were left out.")
    bytes = models.PositiveIntegerField(help_text="Size in UTF-8, as stored.")
    codec = models.CharField(max_length=20, blank=True, help_text="The encoding that was chosen; empty: guessed.")
    sha256 = models.CharField(max_length=64)
    key = models.CharField(max_length=200)
    format = models.CharField(max_length=20, choices=FORMATS, default=Format.TEXT.value)
    notes = models.JSONField(default=list, help_text="Sentences of the extraction: what was left out or looks wrong.")
    columns = models.JSONField(default=list, help_text="Names of a table's columns.")
    column = models.PositiveIntegerField(null=True, help_text="Place, from 0, of the column that is the text.")
    extraction = models.PositiveIntegerField(
        default=0, help_text="Version of the extraction; 0: from before originals were kept."
    )
    original_key = models.CharField(
        max_length=200, blank=True, help_text="Of the uploaded file; empty where it is the text, byte for byte."
    )
    original_bytes = models.PositiveIntegerField(default=0, help_text="Stored beside the text.")
    original_sha256 = models.CharField(max_length=64, blank=True)
    media_type = models.CharField(max_length=100, blank=True)
    submission = models.UUIDField(null=True, db_index=True, help_text="Of the form that brought it: it adds once.")
    treatment = models.JSONField(default=dict, help_text="What is switched on wherever it is read: doctor.Choices.")
    is_edited = models.BooleanField(default=False, help_text="Its owner has changed the text since it was extracted.")

    class Meta:
        ordering = ("pk",)

    def __str__(self) -> str:
        return self.name

    @property
    def switched_on(self) -> Choices:
        """The treatments that are switched on for it, beside those of its corpora."""
        return Choices.of(self.treatment)

    @property
    def length(self) -> int:
        """The number of characters as a reader counts them."""
        return _length(self)

    @property
    def encoding_is_a_guess(self) -> bool:
        """Whether the encoding was guessed: only Unicode's can be recognised for certain.

        Most web pages say theirs, which stands here as they write it, in small letters. Guesses have names for people.
        """
        is_said = self.format == Format.HTML and self.encoding.islower()
        return self.encoding != "" and not self.codec and not is_said and not self.encoding.startswith("UTF-")

    @property
    def has_original(self) -> bool:
        return self.extraction > 0

    @property
    def file_key(self) -> str:
        """The key of the uploaded file, as it was sent."""
        return self.original_key or self.key

    @property
    def file_name(self) -> str:
        """The name under which the uploaded file is downloaded. One out of an archive has a path, which is left out."""
        name = self.name.rpartition("/")[2]
        return name if "." in name else f"{name}.txt"

    @property
    def can_be_extracted_better(self) -> bool:
        """Whether the extraction has become better since."""
        return 0 < self.extraction < VERSION

    @property
    def column_name(self) -> str:
        """The name of the table's column that is the text; empty for what is no table."""
        return self.columns[self.column] if self.column is not None and self.column < len(self.columns) else ""


stored.count("texts", Document, Cast("bytes", models.BigIntegerField()) + F("original_bytes"))


def _length(one: Corpus | Document) -> int:
    return one.characters if one.clusters is None else one.clusters


class Place(models.Model):
    """The place of a document in a corpus. Numbers may have gaps; equal ones go by the key."""

    corpus = models.ForeignKey(Corpus, models.CASCADE, related_name="places")
    document = models.ForeignKey(Document, models.CASCADE, related_name="places")
    position = models.PositiveIntegerField()
    weight = models.FloatField(
        _("weight"),
        default=1.0,
        validators=[MinValueValidator(LEAST_WEIGHT), MaxValueValidator(MOST_WEIGHT)],
        help_text="How often the document is read in an epoch.",
    )

    class Meta:
        ordering = ("position", "pk")
        constraints = [models.UniqueConstraint(fields=["corpus", "document"], name="one_place_a_document")]

    def __str__(self) -> str:
        return f"{self.document_id} in {self.corpus_id}"


class Purpose(models.TextChoices):
    """What becomes of the texts of an extraction."""

    NEW = "new", _("a new corpus")
    ADD = "add", _("more documents of a corpus")
    AGAIN = "again", _("the text of a document, extracted again")
    LOOK = "look", _("nothing: the doctor looks at whole texts")


class Extraction(models.Model):
    """Files that wait for a worker, which extracts their texts. Its job has the owner, the state and the reason."""

    job = models.OneToOneField(Job, models.CASCADE, related_name="extraction")
    purpose = models.CharField(max_length=5, choices=Purpose)
    corpus = models.ForeignKey(
        Corpus, models.SET_NULL, null=True, related_name="extractions", help_text="Also a new one, once it is there."
    )
    document = models.ForeignKey(Document, models.SET_NULL, null=True, related_name="extractions")
    column = models.PositiveIntegerField(null=True, help_text="Of a table, to be read again.")
    codec = models.CharField(max_length=20, blank=True, help_text="The encoding in which the file is to be read.")
    name = models.CharField(max_length=120, blank=True, help_text="Of the new corpus, as it was given.")
    lowercase = models.BooleanField(default=False)
    submission = models.UUIDField(null=True, db_index=True, help_text="Of the form that brought it: it adds once.")
    files = models.JSONField(default=list, help_text="[[name, key]] of what was uploaded.")
    prefix = models.CharField(max_length=200, blank=True, help_text="Of those keys; empty once the files are deleted.")
    done = models.PositiveIntegerField(default=0, help_text="How many of the files were read.")
    counting = models.BooleanField(default=False, help_text="All were read, and the figures are being counted.")
    warning = models.CharField(max_length=300, blank=True)
    left_out = models.JSONField(default=list, help_text="[[name, why]] of what is not read; when it failed, of all.")
    refused = models.JSONField(default=list, help_text="[[name, why]] of what could not be read until now.")

    class Meta:
        ordering = ("pk",)

    def __str__(self) -> str:
        return f"{self.purpose}, {len(self.files)} files, {self.job}"

    def get_absolute_url(self) -> str:
        return reverse("corpora:extraction", args=[self.pk])

    @property
    def title(self) -> str:
        """A name to show: that of the corpus or the document, or else of the first file."""
        known = self.document or self.corpus
        return known.name if known else self.name or (self.files[0][0] if self.files else "")
