"""The doctor's pages: what was found in a document or in a corpus, and the switches that do something about it."""

from collections.abc import Sequence

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from trainer.contract.encoding_choices import LABELS
from webapp.accounts.limits import LimitReached
from webapp.accounts.rights import Right
from webapp.corpora import advice, overlaps, services, treatment_rows
from webapp.corpora.access import corpora_of, corpus_or_404, document_or_404
from webapp.corpora.models import Corpus, Document
from webapp.doctor import rare
from webapp.doctor.treatments import NOTHING, Choices


@require_http_methods(["GET", "POST"])
def document(request: HttpRequest, pk: int) -> HttpResponse:
    document = document_or_404(request, pk, Right.EDIT)
    if request.method == "POST":
        wanted = _wanted(request, document.switched_on)
        try:
            services.treat_document(document, wanted)
        except Document.DoesNotExist:  # it was removed in another window meanwhile
            raise Http404 from None
        _say(request, wanted)
        return redirect("corpora:document_doctor", pk)
    findings, choices = services.examine(document, document.switched_on), document.switched_on
    rarities, corpora = rare.found(findings.counts), corpora_of(request, document)
    rows = treatment_rows.rows(findings.treatments, choices, treatment_rows.otherwise(choices, corpora))
    context = {
        "document": document,
        "corpora": corpora,
        "rows": rows,
        "unneeded": treatment_rows.unneeded(rows),
        "is_anything_on": bool(choices.switches),
        "characters": treatment_rows.character_rows(rarities.listed, choices),
        "advice": [advice.of_rarities(rarities)],
        "language": advice.language_name(findings.profile.language),
        "looked_at": findings.looked_at,
        "encoding": services.encoding_of(document, request.GET.get("encoding", "")),
    }
    return render(request, "corpora/document_doctor.html", context)


@require_POST
def encoding(request: HttpRequest, pk: int) -> HttpResponse:
    """Let a worker read the original of a document in the encoding that its owner has chosen."""
    document, codec = document_or_404(request, pk, Right.EDIT), request.POST.get("encoding", "")
    if codec not in LABELS or not services.encoding_of(document):
        return redirect("corpora:document_doctor", pk)  # no page asks for that
    try:
        return redirect(services.queue_again(document, None, codec))
    except Document.DoesNotExist:  # it was removed in another window meanwhile
        raise Http404 from None
    except LimitReached as problem:
        messages.error(request, _("The text stays as it was. %(why)s") % {"why": problem})
    return redirect("corpora:document_doctor", pk)


@require_POST
def look(request: HttpRequest, pk: int) -> HttpResponse:
    """Let a worker look at a whole document, however long it is."""
    document = document_or_404(request, pk, Right.EDIT)
    return _queued(request, None, document, reverse("corpora:document_doctor", args=[pk]))


@require_POST
def look_at_all(request: HttpRequest, pk: int) -> HttpResponse:
    """Let a worker look at all documents of a corpus, however long they are."""
    return _queued(request, corpus_or_404(request, pk, Right.EDIT), None, reverse("corpora:doctor", args=[pk]))


def _queued(request: HttpRequest, corpus: Corpus | None, document: Document | None, back: str) -> HttpResponse:
    try:
        return redirect(services.queue_examination(corpus, document))
    except (Corpus.DoesNotExist, Document.DoesNotExist):  # it was removed in another window meanwhile
        raise Http404 from None
    except LimitReached as reached:
        messages.error(request, str(reached))
        return redirect(back)


@require_http_methods(["GET", "POST"])
def corpus(request: HttpRequest, pk: int) -> HttpResponse:
    corpus = corpus_or_404(request, pk, Right.EDIT)
    examination = services.examine_corpus(corpus)
    if request.method == "POST":
        wanted = _wanted(request, examination.choices)
        services.treat_corpus(corpus, wanted)
        _say(request, wanted)
        return redirect("corpora:doctor", pk)
    found, choices = examination.treatments(), corpus.switched_on
    others = treatment_rows.otherwise(choices, (document for document, _findings in examination.found))
    rows = treatment_rows.rows(found, choices, others, of_corpus=True)
    rarities = rare.found(examination.counts)
    context = {
        "corpus": corpus,
        "rows": rows,
        "lower_case": treatment_rows.lower_case(found, choices, others),
        "unneeded": treatment_rows.unneeded(rows, of_corpus=True),
        "is_anything_on": bool(choices.switches),
        "characters": treatment_rows.character_rows(rarities.listed, choices),
        "advice": [advice.expected(corpus.characters), advice.of_rarities(rarities), *_advice(examination)],
        "overlaps": overlaps.sentences(corpus.overlaps),
        "documents": _documents(examination),
        "waiting": examination.waiting,
        "begun": examination.begun,
    }
    return render(request, "corpora/doctor.html", context)


def _advice(examination: services.Examination) -> Sequence[str]:
    names = [document.name for document, _findings in examination.findings]
    return advice.of_documents(names, [findings.profile for _document, findings in examination.findings])


def _documents(examination: services.Examination) -> list[dict[str, object]]:
    return [
        {
            "document": document,
            "language": advice.language_name(findings.profile.language) if findings else "",
            "is_looked_at": findings is not None,
            "treated": len(document.switched_on.switches | document.switched_on.off),
        }
        for document, findings in examination.found
    ]


def _wanted(request: HttpRequest, before: Choices) -> Choices:
    return NOTHING if "undo" in request.POST else treatment_rows.chosen(request.POST, before)


def _say(request: HttpRequest, choices: Choices) -> None:
    if choices.as_json():
        messages.success(request, _("Kept. The next training reads the text so. What is on can be switched off again."))
    else:
        kept = _(
            "Nothing is switched on. The next training reads the text as it was extracted, without control characters."
        )
        messages.success(request, kept)
