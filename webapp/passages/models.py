"""Passages: generated text, with everything needed to write it again."""

from django.conf import settings
from django.db import models
from django.urls import reverse
from django.utils.text import Truncator

from webapp.jobs.models import Job
from webapp.studies.models import Study


class Passage(models.Model):
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="passages")
    study = models.ForeignKey(Study, models.CASCADE, related_name="passages")
    job = models.ForeignKey(Job, models.SET_NULL, null=True, related_name="passages")
    title = models.CharField(max_length=120, blank=True)
    created = models.DateTimeField(auto_now_add=True)
    submission = models.UUIDField(null=True, help_text="The form's own number: it writes once.")

    # What it takes to write it again
    prompt = models.TextField(blank=True)
    length = models.PositiveIntegerField()
    temperature = models.FloatField()
    top_k = models.PositiveIntegerField(default=0)
    top_p = models.FloatField(default=1.0)
    seed = models.PositiveBigIntegerField()
    index = models.PositiveIntegerField(default=0, help_text="Its place among the passages of its request.")
    model_sha256 = models.CharField(max_length=64, blank=True)

    text = models.TextField(blank=True)
    unknown = models.CharField(max_length=200, blank=True, help_text="Opening characters new to the model.")
    complete = models.BooleanField(default=False)

    class Meta:
        ordering = ("-created", "index", "-pk")
        constraints = [models.UniqueConstraint(fields=["submission", "index"], name="one_writing_a_submission")]

    def __str__(self) -> str:
        return self.title or f"passage {self.pk}"

    def get_absolute_url(self) -> str:
        return reverse("passages:detail", args=[self.pk])

    @property
    def opening_line(self) -> str:
        """How it begins, for lists."""
        words = " ".join((self.prompt + self.text).split())
        return Truncator(words).chars(60) or str(self)

    @property
    def is_blank(self) -> bool:
        """Whether all of it was written, and nothing of it can be seen."""
        return self.complete and not self.text.strip()

    @property
    def is_being_written(self) -> bool:
        """Whether more of it may come."""
        return not self.complete and self.job is not None and not self.job.is_over
