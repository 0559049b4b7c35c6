"""The pages of the course: for a model of the visitor, for the sample, and for anybody who has a link."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST, require_safe

from webapp import polls
from webapp.accounts import guessing
from webapp.accounts.access import person
from webapp.accounts.limits import LimitReached
from webapp.accounts.rights import Right
from webapp.inside import look_state, services, text_choice
from webapp.inside.access import shared_or_404
from webapp.inside.charts import Chart
from webapp.inside.forms import LineForm
from webapp.inside.look_state import LookState
from webapp.inside.models import Course, Look
from webapp.inside.views.looks import sent_array
from webapp.inside.views.memory import across, gradient
from webapp.passages import voices
from webapp.studies.access import readable_or_404, studies, study_or_404
from webapp.studies.models import Study


@require_GET
def index(request: HttpRequest) -> HttpResponse:
    """Show with which models the course can be taken."""
    return render(request, "inside/courses.html", {"studies": studies(request, Right.READ).exclude(model_key="")})


@require_POST
def sample(request: HttpRequest) -> HttpResponse:
    """Lead to the course of a model of the sample, which is trained now if there is none."""
    try:
        study = services.sample_study(person(request), _("The sample, explained"))
    except LimitReached as reached:
        messages.error(request, str(reached))
        return redirect("inside:courses")
    return redirect("inside:course", study.pk)


@require_http_methods(["GET", "POST"])
def course(request: HttpRequest, pk: int) -> HttpResponse:
    """Show the course of a model, or have its pictures drawn with the line of the form."""
    study = study_or_404(request, pk, Right.READ)
    if request.method == "POST":
        return _draw(request, pk)
    return _page(request, study, None)


def _draw(request: HttpRequest, pk: int) -> HttpResponse:
    study = readable_or_404(request, pk)
    form = LineForm(request.POST, voices=study.voice_names)
    if form.is_valid():
        try:
            services.draw(person(request), study, form.cleaned_data["text"], form.cleaned_data["voices"])
            return redirect("inside:course", pk)
        except LimitReached as reached:
            form.add_error(None, str(reached))
    return _page(request, study, form)


def _page(request: HttpRequest, study: Study, form: LineForm | None) -> HttpResponse:
    found = services.course_of(person(request), study) if study.is_readable else None
    if form is None:
        shares = found.gates.voices if found and found.gates else {}
        first = {"text": _line(study, found)} | voices.in_fields(study.voice_names, shares)
        form = LineForm(initial=first, voices=study.voice_names)
    context = {"form": form, "link": _link(request, found), "tab": "course", **_pictures(study, found)}
    context["voice"] = voices.told(found.gates.voices) if found and found.gates else ""
    context["is_mine"] = study.owner_id == request.user.pk
    context["source"] = reverse("inside:look", args=[found.gates.pk]) if found and found.gates else ""
    return render(request, "inside/course.html", context, status=422 if form.errors else 200)


def _link(request: HttpRequest, found: Course | None) -> str:
    """Return the address at which anybody may read the course, or an empty text."""
    if found is None or not found.share_key:
        return ""
    return request.build_absolute_uri(reverse("inside:shared", args=[found.share_key]))


def _line(study: Study, found: Course | None) -> str:
    if found and found.gates:
        return found.gates.text
    longest = min(LineForm.LONGEST, study.window or LineForm.LONGEST)
    return text_choice.of_study(study, longest) if study.is_readable else ""


def _pictures(study: Study, found: Course | None) -> dict[str, Any]:
    """Return what the chapters show, for the owner and for whoever has the link."""
    gates, memory = (found.gates, found.memory) if found else (None, None)
    return {
        "study": study,
        "course": found,
        "look": gates,
        "memory": memory,
        "sentence": look_state.sentence(gates) if gates else "",
        "memory_sentence": look_state.sentence(memory) if memory else "",
        "gradient": _gradient(memory),
        "across": across([memory] if memory else []),
        "window": study.window,
        "recipe": (study.started or {}).get("recipe", {}),
        "parameters": (study.started or {}).get("parameters"),
        "alphabet": study.alphabet,
    }


def _gradient(memory: Look | None) -> Chart | None:
    return gradient([memory]) if memory and memory.is_ready else None


@require_POST
def share(request: HttpRequest, pk: int) -> HttpResponse:
    services.share(readable_or_404(request, pk, Right.OWN))
    return redirect(f"{reverse('inside:course', args=[pk])}#share")


@require_POST
def unshare(request: HttpRequest, pk: int) -> HttpResponse:
    services.stop_sharing(study_or_404(request, pk))
    return redirect(f"{reverse('inside:course', args=[pk])}#share")


@guessing.limited
@login_not_required
@never_cache
@require_safe
def shared(request: HttpRequest, key: str) -> HttpResponse:
    """Show a course to anybody who has its link. The page has no links to other things of its owner."""
    found = shared_or_404(key)
    context = _pictures(found.study, found) | {"source": reverse("inside:shared_look", args=[key]), "is_public": True}
    response = render(request, "inside/shared.html", context)
    response["Referrer-Policy"] = "no-referrer"
    response["X-Robots-Tag"] = "noindex"
    return response


@guessing.limited
@login_not_required
@polls.unless_unchanged(look_state.current_of_link, is_public=True)
@require_safe
def shared_look(request: HttpRequest, key: str, now: LookState | None) -> JsonResponse:
    found = look_state.as_json(_shown(key), reverse("inside:shared_array", args=[key, 0]))
    return JsonResponse({**found, "seen": polls.mark(request, now)})


@guessing.limited
@login_not_required
@require_safe
def shared_array(request: HttpRequest, key: str, number: int) -> HttpResponse:
    return sent_array(_shown(key), number)


def _shown(key: str) -> Look:
    look = shared_or_404(key).gates
    if look is None:
        raise Http404
    return look
