"""The plot of `bench.budgets`: held-out loss over time, one panel for each text.

    .venv-bench/bin/python -m bench.plot_budgets docs/images/budgets.svg < results.json

Each line is one training with a budget of its own; its end is marked. The longer the budget, the darker the line. An
older version of the trainer is dashed.
"""

import json
import sys
from pathlib import Path
from typing import Any

import matplotlib
from matplotlib import pyplot

_TITLES = {
    "macbeth": "Macbeth",
    "shakespeare": "tiny-shakespeare",
    "sample": "the sample",
    "russian": "Django's messages in Russian",
    "short": "20,000 characters of Macbeth",
}
_GREY, _FORMER = "#808080", "#c9730b"
_BLUES = {1.0: "#8fc1ee", 3.0: "#5b9fdc", 10.0: "#2f7fd1", 30.0: "#1b57a0"}  # minutes


def draw(runs: list[dict[str, Any]], path: Path) -> None:
    """Write an SVG with one panel for each text that was measured."""
    shown = [name for name in _TITLES if any(found["text"] == name for found in runs)]
    if not shown:
        sys.exit("There are no losses to draw.")
    greys = ("text.color", "axes.labelcolor", "axes.edgecolor", "xtick.color", "ytick.color")
    matplotlib.rcParams.update({name: _GREY for name in greys} | {"svg.hashsalt": "bench", "svg.fonttype": "none"})
    columns = min(3, len(shown))
    rows = -(-len(shown) // columns)
    figure, panels = pyplot.subplots(rows, columns, figsize=(3.9 * columns, 3.2 * rows), squeeze=False)
    for panel in panels.flat[len(shown) :]:
        panel.set_visible(False)
    for name, panel in zip(shown, panels.flat, strict=False):
        _panel(panel, _TITLES[name], [found for found in runs if found["text"] == name])
    for row in panels:
        row[0].set_ylabel("held-out loss, nats per character")
    figure.tight_layout()
    figure.savefig(path, transparent=True, metadata={"Date": None})


def _panel(panel: Any, title: str, runs: list[dict[str, Any]]) -> None:
    for found in sorted(runs, key=lambda found: (found["side"], found["minutes"])):
        minutes, former = found["minutes"], found["side"] == "former"
        seconds, losses = zip(*found["curve"], strict=True)
        colour, dashes = (_FORMER, "--") if former else (_BLUES.get(minutes, "#2f7fd1"), "-")
        label = f"{minutes:g} min{', former' if former else ''}"
        times = [taken / 60 for taken in seconds]
        panel.plot(times, losses, dashes, color=colour, linewidth=1.5, label=label)
        panel.plot(times[-1:], losses[-1:], "o", color=colour, markersize=4)
    lowest = min(loss for found in runs for _, loss in found["curve"])
    panel.set(title=title, xlabel="minutes (logarithmic)", xscale="log", ylim=(lowest - 0.04, lowest + 0.6))
    panel.set_xticks([0.1, 0.3, 1, 3, 10, 30], ["0.1", "0.3", "1", "3", "10", "30"])
    panel.grid(color=_GREY, alpha=0.25)
    panel.spines[["top", "right"]].set_visible(False)
    panel.legend(frameon=False, fontsize=8)


if __name__ == "__main__":
    draw(json.load(sys.stdin)["runs"], Path(sys.argv[1]))
