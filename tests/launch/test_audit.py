"""`make audit`: what it makes of the answers of pip-audit and npm, above all of those without data."""

import json

import pytest

from tests import audit

SOUND = {"name": "django", "version": "5.2.19", "vulns": []}
FAULT = {"name": "lxml", "version": "1.0", "vulns": [{"id": "PYSEC-1", "fix_versions": ["1.1"]}]}
SKIPPED = {"name": "kombu", "skip_reason": "Dependency not found on PyPI"}


@pytest.mark.parametrize(
    ("code", "dependencies", "expected"),
    [
        (0, [SOUND, SOUND], 0),
        (1, [SOUND, FAULT], 1),
        (0, [SOUND, SKIPPED], 3),
        (1, [FAULT, SKIPPED], 1),
        (0, [SOUND], 3),
    ],
)
def test_pip_audit_is_sound_only_if_it_knows_of_all(code: int, dependencies: list[object], expected: int) -> None:
    answer = audit.read_pip_audit(code, json.dumps({"dependencies": dependencies}), "", wanted=2)
    assert answer.code == expected


def test_a_fault_is_named_with_what_mends_it() -> None:
    answer = audit.read_pip_audit(1, json.dumps({"dependencies": [FAULT]}), "", wanted=1)
    assert answer.faults == ["lxml 1.0: PYSEC-1; mended in: 1.1"]


@pytest.mark.parametrize("said", ["", "no JSON", json.dumps({"error": {"code": "ENOTFOUND", "summary": "no network"}})])
def test_npm_without_data_is_never_sound(said: str, capsys: pytest.CaptureFixture[str]) -> None:
    answer = audit.read_npm_audit(1, said, "npm error: no network", wanted=3)
    audit.report(answer)
    assert answer.code == 3
    assert "THE DATA COULD NOT BE HAD" in capsys.readouterr().out
    assert "no network" in answer.problem


def test_npm_names_its_faults() -> None:
    said = {"vulnerabilities": {"htmx.org": {"severity": "high", "via": [{"title": "It breaks out"}]}}}
    answer = audit.read_npm_audit(1, json.dumps(said), "", wanted=3)
    assert (answer.code, answer.faults) == (1, ["htmx.org: high; It breaks out"])
    assert audit.read_npm_audit(0, json.dumps({"vulnerabilities": {}}), "", wanted=3).code == 0
