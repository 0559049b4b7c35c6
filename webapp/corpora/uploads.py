"""Uploads stop at the limit, before they fill the disk or the memory."""

from typing import Any

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.core.files.uploadhandler import FileUploadHandler, StopUpload
from django.http import HttpRequest

_MARK = "understudy.upload_too_large"
_HEARD_OUT = 5  # times the limit


def is_too_large(request: HttpRequest) -> bool:
    """Whether the files of the request, all together, were more than the limit: then what is there is cut off."""
    return _MARK in request.META


class LimitedUploadHandler(FileUploadHandler):
    """Counts the bytes of all files of a request, and keeps none of them beyond UPLOAD_LIMIT_BYTES.

    The rest is read and dropped, so that the fields behind the files arrive and the page shows again what was typed.
    Who goes on to five times the limit is hung up on.
    """

    def __init__(self, request: Any = None) -> None:
        super().__init__(request)
        self._received = 0

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes | None:
        self._received += len(raw_data)
        if self._received <= settings.UPLOAD_LIMIT_BYTES:
            return raw_data
        if self.request is not None:
            self.request.META[_MARK] = True
        if self._received > settings.UPLOAD_LIMIT_BYTES * _HEARD_OUT:
            raise StopUpload(connection_reset=True)
        return None

    def file_complete(self, file_size: int) -> "UploadedFile[Any] | None":
        return None
