"""The table of the benchmark in Markdown: medians, the ratio, the target, and whether it is reached."""

from collections.abc import Sequence
from statistics import median

from bench.rows import Figures, Line, Medians, Row

HEAD = "| work | ours | peer | ours ÷ peer | target | reached |\n|---|---|---|---|---|---|"


def lines(row: Row, ours: Sequence[Figures], peer: Sequence[Figures], judged: bool) -> str:
    """Return the lines of a row. They have dashes where nothing was measured.

    Args:
        ours, peer: the figures, one entry for each measurement.
        judged: whether to compare the figures with the targets, which are for full budgets only.
    """
    return "\n".join(_line(line, ours, peer, judged) for line in row.lines)


def medians(measured: Sequence[Figures]) -> Medians:
    """Return the median of every figure that is a number."""
    names = {name for figures in measured for name, value in figures.items() if isinstance(value, float)}
    return {name: median(figures[name] for figures in measured) for name in sorted(names)}


def _line(line: Line, ours: Sequence[Figures], peer: Sequence[Figures], judged: bool) -> str:
    own, others = medians(ours), medians(peer)
    ratio = f"{own[line.figure] / others[line.figure]:.2f}" if line.figure in own and line.figure in others else "–"
    cells = [line.work, _cell(line, ours), _cell(line, peer), ratio, line.target, _reached(line, own, others, judged)]
    return f"| {' | '.join(cells)} |"


def _reached(line: Line, ours: Medians, peer: Medians, judged: bool) -> str:
    try:
        reached = line.reached(ours, peer)
    except KeyError:
        return "–"
    return ("yes" if reached else "no") if judged else "–"


def _cell(line: Line, measured: Sequence[Figures]) -> str:
    """Return the median. If there are several measurements, also return the least and the most."""
    values = [figures[line.figure] for figures in measured if line.figure in figures]
    if not values:
        return "–"
    spread = f" ({_figure(min(values))} to {_figure(max(values))})" if len(values) > 1 else ""
    half = medians(measured).get("second_half") if line.figure == "carried" else None
    return f"**{_figure(median(values))}**{spread}{f'; second half {_figure(half)}' if half else ''}"


def _figure(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 else f"{value:.3f}"
