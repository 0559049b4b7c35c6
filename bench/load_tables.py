"""The tables of the benchmark of load, in Markdown."""

from dataclasses import dataclass
from statistics import quantiles

from bench.people import Person
from bench.processor_time import PARTS
from bench.session import Noted


@dataclass(frozen=True)
class Measured:
    """One phase: the training's speed, each part's share of a core, the requests, and answers that nobody expected."""

    name: str
    speed: float  # characters per second
    shares: dict[str, float]
    requests: list[Noted]
    problems: list[str]


def show(database: str, phases: list[Measured], people: list[Person], lost: list[str], twice: list[str]) -> None:
    """Print the tables of one database."""
    print(f"\n## {database}\n\n{_speeds(phases)}")
    for phase in phases:
        if phase.requests:
            print(f"\n{phase.name}:\n\n{_paths(phase.requests)}")
    done, unanswered = (sum(getattr(one.kept, name) for one in people) for name in ("acknowledged", "unanswered"))
    written = sum(len(one.kept.requests) for one in people)
    print(
        f"\n{done} writes were acknowledged, {unanswered} were not; {written} requests for passages. "
        f"Lost: {len(lost)}. Done twice: {len(twice)}.",
        flush=True,
    )


def _speeds(phases: list[Measured]) -> str:
    """Return the training's speed in each phase, and the processor time of each part in percent of one core."""
    alone = (phases[0].speed + phases[-1].speed) / 2
    parts = [*PARTS, "load"]
    lines = [
        f"| phase | characters/s trained | of alone | {' | '.join(parts)} |",
        "|---|---|---|" + "---|" * len(parts),
    ]
    for phase in phases:
        shares = " | ".join(f"{100 * phase.shares[part]:.0f} %" for part in parts)
        lines.append(f"| {phase.name} | {phase.speed:,.0f} | {100 * phase.speed / alone:.0f} % | {shares} |")
    return "\n".join(lines)


def _paths(requests: list[Noted]) -> str:
    """Return for each path how often it was asked, and how long the answers took, in milliseconds."""
    lines = ["| path | asked | p50 | p95 | p99 | errors |", "|---|---|---|---|---|---|"]
    paths = sorted({one.path for one in requests})
    for path in (*paths, ""):
        lines.append(_line(path or "all", [one for one in requests if path in (one.path, "")]))
    return "\n".join(lines)


def _line(path: str, requests: list[Noted]) -> str:
    cuts = quantiles([1000 * one.seconds for one in requests] * (2 if len(requests) == 1 else 1), n=100)
    errors = sum(bool(one.failure) for one in requests)
    return f"| {path} | {len(requests)} | {cuts[49]:.0f} ms | {cuts[94]:.0f} ms | {cuts[98]:.0f} ms | {errors} |"
