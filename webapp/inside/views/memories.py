"""The memory of several models in the same charts: a part of the page that compares models, which asks for it."""

from typing import NamedTuple

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from webapp import addresses
from webapp.accounts.access import person
from webapp.accounts.limits import LimitReached
from webapp.accounts.models import User
from webapp.accounts.rights import Right
from webapp.inside import look_state, services, text_choice
from webapp.inside.models import Look, LookKind
from webapp.inside.services import Wanted
from webapp.inside.views.memory import charts
from webapp.studies.access import studies
from webapp.studies.models import Study

_MOST = 4  # models
_LITTLE = 0.001  # of the gradient's size at the beginning
_WANTED = Wanted(LookKind.MEMORY)


class _Side(NamedTuple):
    """One of the models, and the look at its memory that is there or under way."""

    study: Study
    look: Look | None
    failure: str  # why the last look failed, if there is none


@require_http_methods(["GET", "POST"])
def memories(request: HttpRequest) -> HttpResponse:
    """Show the memories of models `?study=1&study=2` as far as they are measured, or have them measured.

    With `&measure=yes`, the part posts `unasked` as soon as it is shown: all are measured but those for which that has
    failed before. Models that have learned nothing yet are left out, as are those without their text.
    """
    owner, problem = person(request), ""
    sides = [_side(owner, study) for study in _chosen(request)]
    if request.method == "POST":
        wanted = [side.study for side in sides if not (side.failure and "unasked" in request.POST)]
        try:
            for study in wanted:
                services.look(owner, study, _WANTED)
        except LimitReached as reached:
            problem = str(reached)
        sides = [_side(owner, side.study) for side in sides]
    context = _context(sides, problem)
    context["is_asking_now"] = "measure" in request.GET and request.method == "GET" and any(map(_is_new, sides))
    return render(request, "inside/_memories.html", context)


def _chosen(request: HttpRequest) -> list[Study]:
    numbers = [addresses.number(given) or 0 for given in request.GET.getlist("study")][:_MOST]
    found = {study.pk: study for study in studies(request, Right.READ).filter(pk__in=numbers)}
    ordered = [found[number] for number in dict.fromkeys(numbers) if number in found]
    return [study for study in ordered if study.is_readable and not text_choice.missing(study)]


def _side(owner: User, study: Study) -> _Side:
    known = services.known(owner, study, _WANTED)
    return _Side(study, known, "" if known else _failure(owner, study))


def _is_new(side: _Side) -> bool:
    """Whether nobody has tried yet to measure the memory of a model with its present weights."""
    return not side.look and not side.failure


def _context(sides: list[_Side], problem: str) -> dict[str, object]:
    ready = [side.look for side in sides if side.look and side.look.is_ready]
    waiting = [(side.study, look_state.sentence(side.look)) for side in sides if side.look and not side.look.is_ready]
    return {
        "sides": sides,
        "ready": ready,
        "waiting": waiting,
        "is_asking_possible": any(not side.look for side in sides),
        "problem": problem or " ".join(side.failure for side in sides if side.failure),
        "finding": _finding(ready),
        **charts(ready),
    }


def _failure(owner: User, study: Study) -> str:
    """Return why the last look at a model's memory failed; empty if it did not."""
    last = services.newest(owner, study, LookKind.MEMORY)
    return f"{study.name}: {look_state.sentence(last)}" if last and last.is_over and not last.is_ready else ""


def _finding(looks: list[Look]) -> str:
    """Return in a sentence how far back the gradients of several models reach; empty for fewer than two."""
    if len(looks) < 2:
        return ""
    told = "; ".join(f"{look.study.name}: {_reach(look)}" for look in looks)
    return _("So many steps back, the gradient has fallen to a thousandth: %(told)s.") % {"told": told}


def _reach(look: Look) -> str:
    """Return after how many steps the gradient of all states is a thousandth of what it is at the beginning."""
    lines = [line for line in (look.result or {})["gradient"].values() if line]
    largest = [(points[0][0], max(size for _, size in points)) for points in zip(*lines, strict=True)]
    first = largest[0][1]
    found = next((back for back, size in largest if size < _LITTLE * first), None)
    return str(found) if found is not None else _("more than %(back)s") % {"back": largest[-1][0]}
