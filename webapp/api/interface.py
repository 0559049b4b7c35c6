"""The interface itself: its operations, who may use it, its errors, and its description (OpenAPI)."""

from typing import Any

from ninja import NinjaAPI
from ninja.openapi.schema import OpenAPISchema

from webapp.api import problems
from webapp.api.authentication import Session, Token
from webapp.api.endpoints import account, corpora, doctor, documents, groups, inside, passages, trainings
from webapp.api.schemas.base import Problem

_MEDIA_TYPE = "x-media-type"  # in the description of an operation whose answer is a file
_PROBLEM = {
    "description": "A problem: what happened, and what to do.",
    "content": {problems.MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}},
}


class Interface(NinjaAPI):
    """ninja's interface, whose description also has the form of errors, and the types of files."""

    def get_openapi_schema(self, *args: Any, **kwargs: Any) -> OpenAPISchema:
        schema = super().get_openapi_schema(*args, **kwargs)
        schema["components"]["schemas"]["Problem"] = Problem.model_json_schema()
        for methods in schema["paths"].values():
            for operation in methods.values():
                if kind := operation.pop(_MEDIA_TYPE, None):
                    content = {kind: {"schema": {"type": "string", "format": "binary"}}}
                    operation["responses"] = {200: {"description": "OK", "content": content}}
                operation["responses"]["default"] = _PROBLEM
        return schema


api = Interface(
    title="Understudy",
    version="1",
    description="All that pages do, for programs. docs/api.md has an example.",
    urls_namespace="api",
    docs_url=None,
    auth=[Token(), Session()],
)
problems.handle(api)
for _subject in (account, corpora, documents, doctor, trainings, inside, passages, groups):
    api.add_router("", _subject.router)
