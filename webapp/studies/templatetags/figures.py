"""The template filters and tags that write figures as people read them."""

from django import template
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from trainer.contract.held_out import COLD_WINDOW
from webapp.studies import losses
from webapp.studies.models import Study

register = template.Library()

_MINUTE, _HOUR, _DAY = 60, 3600, 86_400


@register.filter
def bits(nats: float | None) -> str:
    """Return a loss in bits per character, as text."""
    return figure(losses.bits(nats))


@register.filter
def figure(value: float | None) -> str:
    return "–" if value is None else f"{value:.2f}"


@register.filter
def quality(study: Study) -> str:
    """Return how well a model predicts text that it has never seen, or an empty text before that is known."""
    if study.held_out is None:
        return ""
    pattern = _("%(bits)s bits per character") if study.score else _("%(bits)s bits per character so far")
    return pattern % {"bits": bits(study.held_out)}


@register.filter
def about(seconds: float) -> str:
    """Return a rough duration: "about 5 minutes"."""
    if seconds < 10:
        return _("a few seconds")
    if seconds < 55:
        return _("about %(count)d seconds") % {"count": round(seconds / 10) * 10}
    if seconds < 55 * _MINUTE:
        return _counted(seconds / _MINUTE, "about %(count)d minute", "about %(count)d minutes")
    if seconds < 36 * _HOUR:
        return _counted(seconds / _HOUR, "about %(count)d hour", "about %(count)d hours")
    return _counted(seconds / _DAY, "about %(count)d day", "about %(count)d days")


def _counted(number: float, one: str, many: str) -> str:
    count = max(1, round(number))
    return ngettext(one, many, count) % {"count": count}


@register.filter
def percent(share: float) -> str:
    return f"{share * 100:.0f}"


@register.simple_tag
def cold_window() -> int:
    """Return how many characters the cold figure reads at a time."""
    return COLD_WINDOW
