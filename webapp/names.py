"""The names that people give, made safe to show: one visible line that does not turn the text's direction.

Also the page on which a thing gets another name.
"""

import itertools
import re
from collections.abc import Callable
from typing import Any

from django import forms
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from trainer.contract.controls import can_be_seen
from webapp.doctor.graphemes import cut

__all__ = ["NameField", "can_be_seen", "distinct", "file_name", "renaming", "title", "visible_name"]

_LONGEST_ENDING = 10  # characters after the last dot
_NUMBERED = re.compile(r" \([0-9]{1,9}\)$")
_BREAKS = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029]+")
# Characters that are invisible or turn the direction of the rest of a line. Joiners are not among them, since Persian
# words and emoji are spelled with them.
_HIDDEN = re.compile("[\xad\u061c\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\ud800-\udfff\ufeff\ufff9-\ufffb]")


def visible_name(name: str, default: str, longest: int) -> str:
    """Return a name as one line of at most `longest` characters, or `default` when nothing in it is visible."""
    shown = " ".join(_HIDDEN.sub("", _BREAKS.sub(" ", name)).split())
    return shown[: cut(shown, longest)].rstrip() if can_be_seen(shown) else default


def file_name(name: str, number: int, longest: int = 200) -> str:
    """Return a file's name to show. A name that is only an ending, such as `.txt`, gets the file's number.

    A name that is too long is cut before its ending, by which tables and web pages are known when they are read again.
    """
    stem, dot, ending = name.rpartition(".") if "." in name else (name, "", "")
    if can_be_seen(stem):
        end = dot + ending if ending.isalnum() and len(ending) <= _LONGEST_ENDING else ""
        whole = visible_name(name, "", len(name))
        return whole if len(whole) <= longest else visible_name(whole, "", longest - len(end)) + end
    return visible_name(_("file %(n)d") % {"n": number} + dot + ending, "", longest)


def title(name: str, longest: int = 120) -> str:
    """Return the name of a file without its ending."""
    stem = name.rpartition(".")[0]
    shown = stem if can_be_seen(stem) else name
    return shown[: cut(shown, longest)].rstrip()


def distinct(name: str, others: QuerySet[Any], longest: int = 120) -> str:
    """Return a name that none of the other things has: the name itself, or with a number behind it."""
    taken = set(others.values_list("name", flat=True))
    stem = _NUMBERED.sub("", name)
    numbered = (f"{stem[: cut(stem, longest - len(end))]}{end}" for n in itertools.count(2) if (end := f" ({n})"))
    return name if name not in taken else next(other for other in numbered if other not in taken)


class NameField(forms.CharField):
    """A field for a name of at most `max_length` characters. Invisible characters are removed, longer names are cut."""

    def to_python(self, value: Any) -> str:
        return visible_name(super().to_python(value) or "", "", self.max_length or len(str(value)))


def renaming(
    request: HttpRequest,
    form: forms.ModelForm,  # type: ignore[type-arg]  # Django's own is not generic at run time
    rename: Callable[[Any, str], None],
    template: str,
) -> HttpResponse:
    """Answer the page on which a thing is renamed: its form has one field, and its template shows the form.

    Args:
        form: the form, with the thing as its instance.
        rename: the service that stores the new name.
        template: the page.
    """
    if request.method == "POST" and form.is_valid():
        (name,) = form.cleaned_data.values()
        rename(form.instance, name)
        return redirect(form.instance)
    return render(request, template, {"form": form})
