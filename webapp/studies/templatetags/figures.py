"""Figures as people read them."""

from django import template
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from webapp.studies import losses
from webapp.studies.models import Study

register = template.Library()

_MINUTE, _HOUR, _DAY = 60, 3600, 86_400


@register.filter
def bits(nats: float | None) -> str:
    """Show a loss in bits per character."""
    return figure(losses.bits(nats))


@register.filter
def figure(value: float | None) -> str:
    return "–" if value is None else f"{value:.2f}"


@register.filter
def quality(study: Study) -> str:
    """Say how well a model predicts text that it never saw, the same on every page; nothing before it is known."""
    if study.held_out is None:
        return ""
    said = _("%(bits)s bits per character") if study.score else _("%(bits)s bits per character so far")
    return said % {"bits": bits(study.held_out)}


@register.filter
def about(seconds: float) -> str:
    """Say roughly how long something takes: "about 5 minutes"."""
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
