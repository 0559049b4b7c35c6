"""The upload handler, which keeps no more than the limit, so that uploads fill neither disk nor memory."""

import html
import re
from collections.abc import Callable
from typing import Any, TypeVar

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.core.files.uploadhandler import FileUploadHandler, StopUpload
from django.http import HttpRequest, QueryDict
from django.http.multipartparser import MultiPartParser
from django.utils.datastructures import MultiValueDict

View = TypeVar("View", bound=Callable[..., Any])
_MARK = "understudy.upload_cut_off"
_SETTING = "upload_limit"
_READ_LIMITS = 5  # times the limit of uploads that are read of one request
_NAMELESS = " "
_SENT = {"%22": '"', "%0D": " ", "%0A": " "}
_SENT_AS = re.compile("|".join(_SENT), re.IGNORECASE)
_JOINERS = "\u200c\u200d"


def cut_off(request: HttpRequest) -> frozenset[int]:
    """Return the places, from 0, of the files that did not fit in the limit and are therefore incomplete."""
    return frozenset(request.META.get(_MARK, ()))


def up_to(setting: str) -> Callable[[View], View]:
    """Mark a view whose uploads may have as many bytes as a setting says, and not UPLOAD_LIMIT_BYTES."""

    def mark(view: View) -> View:
        setattr(view, _SETTING, setting)
        return view

    return mark


def _limit(request: Any) -> int:
    """Return how many bytes a request may upload. Before any form is read, Django has found the request's view."""
    view = request.resolver_match.func if request.resolver_match else None
    return int(getattr(settings, getattr(view, _SETTING, "UPLOAD_LIMIT_BYTES")))


class _Parser(MultiPartParser):
    """A parser that also takes files whose names can't be printed. Django's own drops them without a message.

    It reads quotes and line ends in names, which browsers send as %22, %0D and %0A, and keeps the joiners of Persian
    words and of emoji, which Django's own removes. `webapp.names` makes a name safe to show.
    """

    def sanitize_file_name(self, file_name: str) -> str:
        name = _SENT_AS.sub(lambda found: _SENT[found.group().upper()], html.unescape(file_name))
        name = re.split(r"[/\\]", name)[-1]
        name = "".join(character for character in name if character.isprintable() or character in _JOINERS)
        return _NAMELESS if name in ("", ".", "..") else name


class LimitedUploadHandler(FileUploadHandler):
    """Counts the bytes of all files of a request, and keeps those files that together fit in the view's limit.

    The rest is read and dropped, so that the form's fields after the files arrive and the page can show them again.
    At five times UPLOAD_LIMIT_BYTES the connection is closed.
    """

    def __init__(self, request: Any = None) -> None:
        super().__init__(request)
        self._parses = False
        self._received = 0
        self._kept = 0
        self._number = -1
        self._cut_off: set[int] = set()

    def handle_raw_input(
        self, input_data: Any, META: dict[str, Any], content_length: int, boundary: Any, encoding: str | None = None
    ) -> "tuple[QueryDict, MultiValueDict[str, UploadedFile[Any]]] | None":
        if self._parses or self.request is None:
            return None
        self._parses = True
        META[_MARK] = self._cut_off
        return _Parser(META, input_data, self.request.upload_handlers, encoding).parse()

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        super().new_file(*args, **kwargs)
        self._number += 1

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes | None:
        self._received += len(raw_data)
        if self._received > settings.UPLOAD_LIMIT_BYTES * _READ_LIMITS:
            raise StopUpload(connection_reset=True)
        if self._kept + start + len(raw_data) <= _limit(self.request):
            return raw_data
        self._cut_off.add(self._number)
        return None

    def file_complete(self, file_size: int) -> "UploadedFile[Any] | None":
        if self._number not in self._cut_off:
            self._kept += file_size
        return None
