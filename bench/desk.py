"""The benchmark of the writing desk: the time from the click to the first character, and the speed of the text.

    python -m bench.desk [--corpus FILE] [--clicks 20]

It starts the whole product as `make run` does, and uses it in a browser. "Warm" is a model of 2×512 units that was used
just before. "Cold" are two models in turn, while only one may stay loaded, so that each is loaded and compiled again.
Both are measured without and with a training on the machine. It needs what the tests need (`make test` sets that up)
and Chromium. It prints a table in Markdown.
"""

import argparse
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median, quantiles

from playwright.sync_api import Page, expect, sync_playwright

from bench import visitor
from trainer.contract.documents import sample_text
from webapp.launch.trial import Product, wait_for

_BROWSER = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
_MINUTE = 60_000  # ms
_LENGTH = 2_000  # characters; enough to measure a speed

#: Notes when the form is sent, when its first character is on the page, and how much text each frame has
_WATCH = """() => {
  const form = document.getElementById("write-form");
  form.addEventListener("click", ({target}) => {
    if (target.matches(".primary")) window.seen = {began: performance.now()};
  });
  new MutationObserver(() => {
    const length = document.querySelector("#written [data-text]")?.textContent.length ?? 0;
    if (length && window.seen && document.querySelector("[data-stream]").dataset.stream !== window.before) {
      const now = performance.now();
      window.seen.first ??= now;
      window.seen.firstLength ??= length;
      if (length !== window.seen.length) Object.assign(window.seen, {length, last: now});
    }
  }).observe(document.getElementById("written"), {childList: true, subtree: true, characterData: true});
}"""


def main() -> None:
    options = _parser().parse_args()
    text = options.corpus.read_text(encoding="utf-8") if options.corpus else sample_text()
    with tempfile.TemporaryDirectory() as folder, _page(Path(folder)) as page:
        visitor.sign_up(page, "desk")
        visitor.add_text(page, text)
        corpus = page.url
        models = [_train(page, corpus, name) for name in ("one", "other")]
        print("| | first character, median | 95th percentile | characters per second on the page |\n|---|---|---|---|")
        _measure_all(page, models, options.clicks, "")
        _train(page, corpus, "beside", wait=False)
        _measure_all(page, models, options.clicks, ", a training beside")


@contextmanager
def _page(folder: Path) -> Iterator[Page]:
    browser_path = os.environ.get("BROWSER_PATH") or shutil.which("chromium")
    with Product(folder, MODEL_CACHE_MB="16") as product, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=browser_path, args=_BROWSER)
        yield browser.new_page(base_url=product.address)
        browser.close()


def _train(page: Page, corpus: str, name: str, wait: bool = True) -> str:
    """Train a model of 2×512 units, and return the address of its desk.

    With `wait` the training takes some seconds. Without it, it takes long and goes on in the background.
    """
    visitor.train(page, corpus, layers="2", units="512", minutes="0.3" if wait else "60", name=name)
    state = "finished" if wait else "running"
    expect(page.locator("#status .badge")).to_have_text(state, timeout=5 * _MINUTE)
    return page.url.replace("/models/", "/passages/write/").replace(page.evaluate("location.origin"), "")


def _measure_all(page: Page, desks: list[str], clicks: int, suffix: str) -> None:
    _write(page, desks[0])
    _print_line(f"warm{suffix}", [_write(page, desks[0]) for _ in range(clicks)])
    _print_line(f"cold{suffix}", [_write(page, desks[1 - turn % 2]) for turn in range(clicks)])


def _write(page: Page, desk: str) -> tuple[float, float]:
    """Write a passage. Return milliseconds to its first character, and characters per second from there on."""
    if not page.url.partition("?")[0].endswith(desk):
        page.goto(desk)
        page.evaluate(_WATCH)
    page.evaluate("window.seen = null; window.before = document.querySelector('[data-stream]')?.dataset.stream")
    page.locator("[name=length]").fill(str(_LENGTH))
    page.get_by_role("button", name="Write", exact=True).click()
    wait_for(lambda: page.evaluate(f"window.seen?.length >= {_LENGTH}"))
    seen = page.evaluate("window.seen")
    expect(page.locator("[data-stream][data-poll]")).to_have_count(0, timeout=_MINUTE)
    seconds = max(0.001, (seen["last"] - seen["first"]) / 1000)
    return seen["first"] - seen["began"], (seen["length"] - seen["firstLength"]) / seconds


def _print_line(name: str, measured: list[tuple[float, float]]) -> None:
    waits = [wait for wait, _ in measured]
    speed = median(speed for _, speed in measured)
    print(f"| {name} | {median(waits):.0f} ms | {quantiles(waits, n=20)[-1]:.0f} ms | {speed:,.0f} |", flush=True)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser("python -m bench.desk", description=__doc__)
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("--corpus", type=Path, metavar="FILE", help="what the models learn (else the sample)")
    parser.add_argument("--clicks", type=int, default=20, metavar="N", help="times that each is measured (20)")
    return parser


if __name__ == "__main__":
    main()
