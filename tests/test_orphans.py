"""Files that no row knows are reported first, and removed when asked."""

from io import StringIO

import pytest
from django.core.management import call_command

from webapp import files
from webapp.accounts.models import User
from webapp.corpora import services
from webapp.corpora.models import Corpus

pytestmark = pytest.mark.django_db


def said(*arguments: str) -> str:
    out = StringIO()
    call_command("orphans", *arguments, stdout=out)
    return out.getvalue()


def test_what_no_row_points_to_is_reported_and_only_removed_when_asked(alice: User) -> None:
    for kind in ("corpora", "studies"):
        files.delete_tree(kind)
    kept = services.add_corpus(alice, "Kept", [("kept.txt", b"A text to keep. " * 100)], False)
    lost = files.add(f"corpora/{kept.pk + 1000}", "0.txt", b"nobody's")
    assert f"corpora/{kept.pk + 1000}  (corpora: no row)" in said()
    assert lost in files.keys("corpora")
    assert "1 removed" in said("--remove")
    assert lost not in files.keys("corpora")
    assert services.texts(Corpus.objects.get(pk=kept.pk))
    assert said().startswith("0 found")
