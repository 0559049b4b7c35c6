"""The addresses below /api/."""

from django.urls import URLPattern, URLResolver, path, re_path

from webapp.api import documentation, problems
from webapp.api.interface import api
from webapp.corpora.uploads import up_to

_MODELS_COME_AT = "upload_model"


def _guarded(patterns: list[URLPattern | URLResolver]) -> list[URLPattern | URLResolver]:
    """Let every view answer in the interface's own way, and ask for no log-in page."""
    for pattern in patterns:
        assert isinstance(pattern, URLPattern)
        pattern.callback = problems.guarded(pattern.callback)
        if pattern.name == _MODELS_COME_AT:
            up_to("MODEL_LIMIT_BYTES")(pattern.callback)
    return patterns


_patterns, _app, _namespace = api.urls
urlpatterns = [
    path("v1/documentation/", documentation.page, name="api_docs"),
    path("v1/", (_guarded(_patterns), _app, _namespace)),
    re_path(r"^(?P<rest>.*)$", problems.not_found, name="api_nothing"),
]
