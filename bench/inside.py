"""The benchmark of the gate viewer: the time from the click to the first picture, and the frames while one moves in it.

    python -m bench.inside [--clicks 20] [--characters 500] [--units 512]

It starts the whole product as `make run` does, trains two layers of this width for a few steps, and looks inside in a
browser, at another piece of text at each click. The first click loads the model and is not counted. Then a pointer goes
across the picture, and keys go through it, once in each frame. It needs what the tests need (`make test` sets that up)
and Chromium. It prints two tables in Markdown.
"""

import argparse
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median, quantiles
from typing import Any

from playwright.sync_api import Page, expect, sync_playwright

from bench import visitor
from trainer.contract.documents import sample_text
from webapp.launch.trial import Product, wait_for

_BROWSER = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
_MINUTE = 60_000  # ms
_CORPUS = 60_000  # characters that the model learns
_STEPS = 5
_FRAMES = 300

#: Notes when the form is sent, and when the picture has been drawn: the frame after the one that shows it.
_WATCH = """
addEventListener("DOMContentLoaded", () => {
  addEventListener("submit", () => sessionStorage.setItem("sent", Date.now()));
  const shown = document.querySelector("[data-when-ready]");
  if (!shown) return;
  const note = () => requestAnimationFrame(() => setTimeout(() => {
    window.seen ??= Date.now() - Number(sessionStorage.getItem("sent"));
  }));
  new MutationObserver(() => shown.hidden || note()).observe(shown, {attributes: true});
});
"""

#: Moves once in each frame, and returns the milliseconds between the frames.
_MOVE = """async ([frames, kind]) => {
  const canvas = document.querySelector("[data-canvas]");
  const box = canvas.getBoundingClientRect();
  const move = (number) => {
    if (kind === "keys") {
      const key = number % 80 < 40 ? "ArrowRight" : "ArrowDown";
      canvas.closest("[data-picture]").dispatchEvent(new KeyboardEvent("keydown", {key, bubbles: true}));
      return;
    }
    const [x, y] = [(number * 7) % box.width, 40 + ((number * 5) % (box.height - 50))];
    const place = {clientX: box.left + x, clientY: box.top + y};
    canvas.dispatchEvent(new PointerEvent("pointermove", {bubbles: true, ...place}));
  };
  const times = [];
  for (let number = 0; number <= frames; number++) {
    times.push(await new Promise(requestAnimationFrame));
    move(number);
  }
  return times.slice(1).map((time, place) => time - times[place]);
}"""


def main() -> None:
    options = _parser().parse_args()
    with tempfile.TemporaryDirectory() as folder, _page(Path(folder)) as (product, page):
        model = _model(product, page, options.units)
        _look(page, model, 0, options.characters)  # loads the model
        waits = [_look(page, model, number, options.characters) for number in range(1, options.clicks + 1)]
        size = f"{options.characters} characters, 2 × {options.units} units"
        print(f"| {size} | median | 95th percentile | longest |\n|---|---|---|---|")
        print(f"| first picture after the click | {_three(waits)} |\n", flush=True)
        print("| while it moves | frames a second | 95th percentile of a frame | longest frame |\n|---|---|---|---|")
        for kind in ("pointer", "keys"):
            frames = page.evaluate(_MOVE, [_FRAMES, kind])
            _, often, longest = _three(frames).split(" | ")
            print(f"| {kind} | {1000 * len(frames) / sum(frames):.1f} | {often} | {longest} |", flush=True)


def _three(milliseconds: list[float]) -> str:
    often = quantiles(milliseconds, n=20, method="inclusive")[-1] if len(milliseconds) > 1 else milliseconds[0]
    return " | ".join(f"{value:.0f} ms" for value in (median(milliseconds), often, max(milliseconds)))


@contextmanager
def _page(folder: Path) -> Iterator[tuple[Product, Page]]:
    browser_path = os.environ.get("BROWSER_PATH") or shutil.which("chromium")
    with Product(folder) as product, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=browser_path, args=_BROWSER)
        page = browser.new_page(base_url=product.address)
        page.add_init_script(_WATCH)
        yield product, page
        browser.close()


def _model(product: Product, page: Page, units: int) -> str:
    """Train two layers for a few steps, and return the address of the page that looks inside."""
    recipe: dict[str, Any] = {"recipe": "quick", "layers": 2, "units": units, "steps": _STEPS}
    study, cookie = visitor.submit(product, recipe, _CORPUS)
    wait_for(lambda: visitor.is_over(product, study), "the training is not over")
    name, _, value = cookie.partition("=")
    page.context.add_cookies([{"name": name, "value": value, "url": product.address}])
    return f"/models/{study}/inside/"


def _look(page: Page, model: str, number: int, characters: int) -> float:
    """Look inside while it reads the text's piece of this number. Return the milliseconds to the first picture."""
    page.goto(model)
    page.locator("#id_text").fill(sample_text()[characters * number :][:characters])
    page.locator(".look-form button.primary").click()
    page.wait_for_url("**look=*")
    expect(page.locator("[data-likely] li")).to_have_count(8, timeout=_MINUTE)
    return float(page.evaluate("window.seen"))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser("python -m bench.inside", description=__doc__)
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("--clicks", type=int, default=20, metavar="N", help="times that it looks inside (20)")
    parser.add_argument("--characters", type=int, default=500, metavar="N", help="of each text (500, at most 2000)")
    parser.add_argument("--units", type=int, default=512, metavar="N", help="in each of the two layers (512)")
    return parser


if __name__ == "__main__":
    main()
