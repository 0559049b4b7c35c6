"""The plot of a benchmark's results: held-out loss over wall time, ours and the peer's.

    .venv-bench/bin/python -m bench.plot docs/images/loss-over-time.svg < results.json

The colours and greys are readable on white and on black, and also for colour-blind people.
"""

import json
import sys
from pathlib import Path
from typing import Any

import matplotlib
from matplotlib import pyplot

_TITLES = {
    "shakespeare": "tiny-shakespeare, 3 minutes",
    "macbeth": "Macbeth, 1 minute",
    "long": "tiny-shakespeare, the long training",
}
_GREY, _SIDES = "#808080", {"peer": ("#c9730b", "--"), "ours": ("#2f7fd1", "-")}


def draw(rows: dict[str, Any], path: Path) -> None:
    """Write an SVG with one panel for each row that has curves."""
    shown = [name for name in _TITLES if name in rows and (rows[name]["ours"] or rows[name]["peer"])]
    if not shown:
        sys.exit("There are no losses to draw.")
    greys = ("text.color", "axes.labelcolor", "axes.edgecolor", "xtick.color", "ytick.color")
    matplotlib.rcParams.update({name: _GREY for name in greys} | {"svg.hashsalt": "bench", "svg.fonttype": "none"})
    figure, panels = pyplot.subplots(1, len(shown), figsize=(4.2 * len(shown), 3.4), squeeze=False)
    for name, panel in zip(shown, panels[0], strict=True):
        _panel(panel, name, rows[name])
    panels[0][0].set_ylabel("held-out loss, nats per character")
    figure.tight_layout()
    figure.savefig(path, transparent=True, metadata={"Date": None})


def _panel(panel: Any, name: str, row: dict[str, Any]) -> None:
    for side, (colour, dashes) in _SIDES.items():
        for number, measured in enumerate(row[side]):
            seconds, losses = zip(*measured["curve"], strict=True)
            label = side if number == 0 else None
            panel.plot(seconds, losses, dashes, color=colour, linewidth=1.6, marker=".", markersize=4, label=label)
    lowest = min(loss for side in _SIDES for measured in row[side] for _, loss in measured["curve"])
    panel.set(title=_TITLES[name], xlabel="seconds of wall time", xlim=(0, None), ylim=(lowest - 0.05, lowest + 0.8))
    panel.grid(color=_GREY, alpha=0.25)
    panel.spines[["top", "right"]].set_visible(False)
    panel.legend(frameon=False)


if __name__ == "__main__":
    draw(json.load(sys.stdin)["rows"], Path(sys.argv[1]))
