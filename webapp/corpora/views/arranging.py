"""The pages that arrange a corpus: the order and weights of its documents, and documents of other corpora."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from webapp.accounts.rights import Right
from webapp.corpora import services
from webapp.corpora.access import corpus_or_404, documents
from webapp.corpora.models import Corpus, Place
from webapp.corpora.place_forms import PlaceForm, TakingForm

_ON_A_PAGE = 100


@require_http_methods(["GET", "POST"])
def arrange(request: HttpRequest, pk: int) -> HttpResponse:
    """Change the order and the weights of a corpus's documents, those of one page at a time."""
    corpus = corpus_or_404(request, pk, Right.EDIT)
    page = Paginator(corpus.in_order(), _ON_A_PAGE).get_page(request.GET.get("page"))
    places: list[Place] = list(page)
    forms = _forms(request, corpus, places, page.start_index())
    if request.method == "POST" and all(form.is_valid() for form in forms):
        services.arrange(corpus, {form.place.pk: form.wanted for form in forms})
        messages.success(request, corpus.named_in(_("The documents of “{name}” have their order and weights.")))
        return redirect(corpus)
    status = 422 if request.method == "POST" else 200
    return render(request, "corpora/arrange.html", {"corpus": corpus, "page": page, "forms": forms}, status=status)


def _forms(request: HttpRequest, corpus: Corpus, places: list[Place], first: int) -> list[PlaceForm]:
    """Return a form for each place. A document that came after the page was shown has none in what was sent."""
    whole, read = max(1, corpus.characters_an_epoch), {place.pk for place in corpus.read_in_order()}
    percents = [
        100 * place.weight * place.document.characters / whole if place.pk in read else None for place in places
    ]
    numbered = enumerate(zip(places, percents, strict=True), start=first)
    if request.method != "POST":
        return [PlaceForm(place, number, percent) for number, (place, percent) in numbered]
    return [
        PlaceForm(place, number, percent, request.POST)
        for number, (place, percent) in numbered
        if f"{place.pk}-number" in request.POST
    ]


@require_http_methods(["GET", "POST"])
def take(request: HttpRequest, pk: int) -> HttpResponse:
    """Take documents of other corpora into this one."""
    corpus = corpus_or_404(request, pk)
    others = documents(request).exclude(places__corpus=corpus).order_by("-pk").prefetch_related("corpora")
    form = TakingForm(others, request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            services.take(corpus, form.cleaned_data["documents"])
        except services.CorpusFull as full:
            form.add_error(None, str(full))
        else:
            messages.success(request, corpus.named_in(_("Added to “{name}”.")))
            return redirect(corpus)
    page = Paginator(others, _ON_A_PAGE).get_page(request.GET.get("page"))
    context = {"corpus": corpus, "form": form, "page": page, "chosen": set(request.POST.getlist("documents"))}
    return render(request, "corpora/take.html", context, status=422 if request.method == "POST" else 200)
