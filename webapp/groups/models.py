"""The tables of groups: their members, the links by which somebody joins, and what is shared in them.

A thing stays its owner's, with all that it needs of what the owner may store. A share lets the members of one group see
it, or change it too. It ends with the thing, with the group, and when its owner leaves the group.
"""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from webapp.accounts.models import LimitedLink


class Group(models.Model):
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="owned_groups")
    name = models.CharField(_("name"), max_length=80)
    created = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ("name", "pk")

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("groups:detail", args=[self.pk])


class Membership(models.Model):
    """Somebody in a group. The group's owner is a member too."""

    group = models.ForeignKey(Group, models.CASCADE, related_name="memberships")
    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="memberships")
    joined = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ("joined", "pk")
        constraints = [models.UniqueConstraint(fields=["group", "person"], name="in_a_group_once")]

    def __str__(self) -> str:
        return f"{self.person_id} in {self.group_id}"


class GroupLink(LimitedLink):
    """A link by which as many people as it has places can join a group. They need an account before."""

    group = models.ForeignKey(Group, models.CASCADE, related_name="links")

    class Meta:
        ordering = ("-created", "-pk")
        constraints = [models.CheckConstraint(condition=Q(used__lte=F("places")), name="no_more_into_a_group")]

    def __str__(self) -> str:
        return f"link {self.pk} into {self.group_id}"


class Share(models.Model):
    """A corpus or a study that the members of a group may see, or change too."""

    group = models.ForeignKey(Group, models.CASCADE, related_name="shares")
    corpus = models.ForeignKey("corpora.Corpus", models.CASCADE, null=True, related_name="shares")
    study = models.ForeignKey("studies.Study", models.CASCADE, null=True, related_name="shares")
    may_edit = models.BooleanField(default=False)
    created = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ("-created", "-pk")
        constraints = [
            models.CheckConstraint(
                condition=Q(corpus__isnull=True, study__isnull=False) | Q(corpus__isnull=False, study__isnull=True),
                name="shares_one_thing",
            ),
            models.UniqueConstraint(fields=["group", "corpus"], name="a_corpus_once_in_a_group"),
            models.UniqueConstraint(fields=["group", "study"], name="a_study_once_in_a_group"),
        ]

    def __str__(self) -> str:
        return f"{self.thing} in {self.group_id}"

    @property
    def thing(self) -> models.Model:
        """What is shared: the corpus, or the study."""
        return self.corpus or self.study  # type: ignore[return-value]  # a constraint: it has one of them

    @property
    def kind(self) -> str:
        return "corpus" if self.corpus_id else "study"
