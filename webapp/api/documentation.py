"""The page that lists all operations, made from the interface's description. It loads nothing from elsewhere."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from webapp.api.interface import api

_REF = "#/components/schemas/"


@dataclass(frozen=True)
class Value:
    """A parameter or a field: its name, its type, and what it means."""

    name: str
    kind: str
    about: str
    place: str = ""  # of a parameter: path, query or header
    is_required: bool = False


@dataclass(frozen=True)
class Operation:
    """One operation, as the page shows it."""

    name: str
    method: str
    path: str
    summary: str
    about: str
    parameters: list[Value]
    body: list[Value]
    body_kind: str
    status: str
    answer: str


@login_not_required
@require_GET
def page(request: HttpRequest) -> HttpResponse:
    schema = api.get_openapi_schema()
    subjects: dict[str, list[Operation]] = {}
    for operation, tag in _operations(schema):
        subjects.setdefault(tag, []).append(operation)
    schemas = {name: list(_fields(one)) for name, one in sorted(schema["components"]["schemas"].items())}
    return render(request, "api/documentation.html", {"subjects": subjects, "schemas": schemas})


def _operations(schema: Any) -> Iterator[tuple[Operation, str]]:
    for path, methods in schema["paths"].items():
        for method, one in methods.items():
            media, body = next(iter(one.get("requestBody", {}).get("content", {"": {}}).items()))
            status, answer = next((str(code), found) for code, found in one["responses"].items() if code != "default")
            content = next(iter(answer.get("content", {"": {}}).items()))
            operation = Operation(
                name=one["operationId"],
                method=method.upper(),
                path=path,
                summary=one["summary"],
                about=one.get("description", ""),
                parameters=[_parameter(each) for each in one.get("parameters", [])],
                body=list(_fields(_resolved(body.get("schema", {}), schema))),
                body_kind=media,
                status=status,
                answer=_kind(content[1].get("schema", {})) if "json" in content[0] else content[0],
            )
            yield operation, one["tags"][0]


def _resolved(part: dict[str, Any], schema: Any) -> dict[str, Any]:
    name = part.get("$ref", "").removeprefix(_REF)
    return dict(schema["components"]["schemas"][name]) if name else part


def _parameter(one: dict[str, Any]) -> Value:
    about = one["schema"].get("description", "")
    return Value(one["name"], _kind(one["schema"]), about, one["in"], one.get("required", False))


def _fields(schema: dict[str, Any]) -> Iterator[Value]:
    required = schema.get("required", [])
    for name, one in schema.get("properties", {}).items():
        yield Value(name, _kind(one), one.get("description", ""), is_required=name in required)


def _kind(one: dict[str, Any]) -> str:
    """Return a type as one reads it: "integer, 1 to 100", "Model", "list of Sample", "string or null"."""
    if "$ref" in one:
        return str(one["$ref"]).removeprefix(_REF)
    if "anyOf" in one:
        return " or ".join(_kind(each) for each in one["anyOf"])
    if "enum" in one or "const" in one:
        return " | ".join(map(str, one.get("enum", [one.get("const")])))
    if one.get("type") == "array":
        return f"list of {_kind(one.get('items', {}))}".removesuffix(" of ")
    limits = " to ".join(f"{one[name]:,}" for name in ("minimum", "maximum") if one.get(name) is not None)
    return ", ".join(part for part in (str(one.get("format") or one.get("type", "")), limits) if part)
