"""The benchmark of the trainer against its peers. It prints a table in Markdown, one row after the other.

    make bench ARGS="--shakespeare tinyshakespeare.txt --macbeth macbeth.txt --out results.json"

Every row is measured --repeat times, alternately with our trainer and the peer. Each measurement runs in new processes,
and all run on the same cores. The time of start-up counts for both, the time of a final evaluation for neither. Use a
machine that does nothing else. The whole table takes about two hours; the long training is one of them.
"""

import argparse
import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from bench import surroundings, table
from bench.processes import ROOT
from bench.rows import ROWS, Row, Settings


def main() -> None:
    options = _parser().parse_args()
    os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[: options.cores])
    settings = Settings(options.shakespeare, options.macbeth, options.peer, options.minutes_long * 60, options.scale)
    results: dict[str, Any] = {"machine": surroundings.describe(options.peer), "scale": options.scale, "rows": {}}

    def save() -> None:
        if options.out:
            options.out.write_text(json.dumps(results, indent=1) + "\n")

    print(f"{results['machine']}\n\n{table.HEAD}", flush=True)
    for name in options.only or ROWS:
        row = ROWS[name]
        found: dict[str, Any] = {"ours": [], "peer": [], "failed": []}
        results["rows"][name] = found
        measure(row, settings, options.repeat, found, save)
        print(table.lines(row, found["ours"], found["peer"], judged=options.scale == 1), flush=True)
    if options.plot:
        command = [options.peer, "-m", "bench.plot", options.plot.resolve()]
        subprocess.run(command, input=json.dumps(results), text=True, cwd=ROOT, check=True)


def measure(row: Row, settings: Settings, repeat: int, found: dict[str, Any], save: Callable[[], None]) -> None:
    """Measure a row, alternately ours and the peer's, and save after each figure. Failures are printed and skipped."""
    text = getattr(settings, row.text)
    if text is None:
        _complain(found, f"left out: it reads the text that --{row.text} gives")
        return
    for _ in range(1 if row.once else repeat):
        for side, measured in (("ours", row.ours), ("peer", row.peer)):
            load = os.getloadavg()[0]
            try:
                found[side].append({**measured(text.resolve(), settings), "load": load})
            except Exception as problem:  # any error of one row, because the other rows are still useful
                _complain(found, f"{side}: {problem!r}")
            save()


def _complain(found: dict[str, Any], problem: str) -> None:
    found["failed"].append(problem)
    print(problem, file=sys.stderr)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        "python -m bench", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--shakespeare", type=Path, metavar="FILE", help="tiny-shakespeare")
    parser.add_argument("--macbeth", type=Path, metavar="FILE")
    parser.add_argument("--only", nargs="+", choices=list(ROWS), metavar="ROW", help=f"some of {', '.join(ROWS)}")
    parser.add_argument("--repeat", type=int, default=3, metavar="N", help="times that a row is measured (3)")
    parser.add_argument("--minutes-long", type=float, default=30, metavar="M", help="the long training (30)")
    parser.add_argument("--scale", type=float, default=1, metavar="S", help="shorten every time, to try it out")
    parser.add_argument("--cores", type=int, default=2, metavar="N", help="that everything runs on (2)")
    parser.add_argument("--out", type=Path, metavar="FILE", help="where all figures go, as JSON")
    parser.add_argument("--plot", type=Path, metavar="FILE", help="where the losses over time are drawn, as SVG")
    parser.add_argument(
        "--peer", type=Path, default=ROOT / ".venv-bench/bin/python", metavar="PYTHON", help="that has PyTorch"
    )
    return parser


if __name__ == "__main__":
    main()
