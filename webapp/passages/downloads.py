"""The content of a passage's download: the text, then how it was written."""

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from webapp.markdown import escaped, paragraphs, quoted
from webapp.passages import copied, description
from webapp.passages.description import Entry
from webapp.passages.models import Passage

_RULE = "-" * 40


def as_text(passage: Passage) -> str:
    """Return the opening and the text without any change; then, below a line, how they were written."""
    lines = [_sentence(passage), *(f"{name}: {value}" for name, value in _entries(passage))]
    return passage.prompt + passage.text + "\n".join(["\n", _RULE, *lines, ""])


def as_markdown(passage: Passage) -> str:
    """Return the same as Markdown. The opening is a quotation, and all copied runs are listed."""
    parts = [
        f"# {escaped(passage.title or passage.opening_line)}",
        quoted(paragraphs(passage.prompt)),
        paragraphs(passage.text),
        "---",
        escaped(_sentence(passage)),
        "\n".join(f"- **{escaped(name)}:** {escaped(value)}" for name, value in _entries(passage)),
        _copied_runs(passage),
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def _sentence(passage: Passage) -> str:
    given = ngettext(
        "The first %(n)s character is the opening that it was given.",
        "The first %(n)s characters are the opening that it was given.",
        len(passage.prompt),
    ) % {"n": f"{len(passage.prompt):,}"}
    sentences = [_("Written by a machine."), given if passage.prompt else "", description.unfinished(passage)]
    return " ".join(sentence for sentence in sentences if sentence)


def _entries(passage: Passage) -> list[Entry]:
    found = [
        (_("Model"), passage.study.name),
        (_("Network"), description.network(passage)),
        (_("SHA-256 of the model"), passage.model_sha256),
        *description.settings(passage),
        (_("Written"), f"{passage.created:%Y-%m-%d %H:%M} UTC"),
        (_("Copied"), copied.sentence(passage)),
    ]
    return [(name, value) for name, value in found if value]


def _copied_runs(passage: Passage) -> str:
    runs = [escaped(f"“{copied.visible(run.text)}” ({run.place})") for run in copied.spans(passage)]
    return (
        "\n".join([escaped(_("What stands in the text that was learned:")), "", *(f"- {run}" for run in runs)])
        if runs
        else ""
    )
