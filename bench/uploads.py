"""The benchmark of uploads: how soon a long file is a corpus, and what it costs the memory of the web process.

    python -m bench.uploads [--megabytes 15] [--book 5] [--times 3]

It starts the whole product as `make run` does, and uploads a plain text and an e-book in a browser. The time is that
from the click to the page of the corpus. The memory is the largest that any web process had in the meantime, and the
largest of the worker that extracts. It needs what the tests need (`make test` sets that up) and Chromium. It prints a
table in Markdown.
"""

import argparse
import re
import shutil
import tempfile
import time
from pathlib import Path
from statistics import median
from typing import NamedTuple

import psutil
from playwright.sync_api import Page, sync_playwright

from bench import visitor
from bench.formats import book, prose
from webapp.launch.trial import Product

_BROWSER = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
_MINUTE = 60_000  # ms
_CORPUS = re.compile(r"/corpora/\d+/$")
_WEB, _WORKER = "gunicorn", "-Q extract"


class Cost(NamedTuple):
    """The cost of one upload. Sizes are in bytes."""

    seconds: float
    web_before: int
    web: int
    worker: int


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--megabytes", type=int, default=15, help="of the plain text")
    parser.add_argument("--book", type=int, default=5, help="megabytes of the e-book")
    parser.add_argument("--times", type=int, default=3, help="how often each is uploaded")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name, Product(Path(name)) as product, sync_playwright() as playwright:
        text, epub = Path(name, "text.txt"), Path(name, "book.epub")
        text.write_text("\n".join(prose(options.megabytes * 1_000_000)))
        epub.write_bytes(book(options.book * 1_000_000))
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=_BROWSER)
        page = browser.new_page(base_url=product.address)
        page.set_default_timeout(10 * _MINUTE)
        visitor.sign_up(page, "bench")
        print("| upload | MB | seconds | web before, MB | at most, MB | worker, MB |\n|---|---|---|---|---|---|")
        for path in (text, epub):
            _show(path, [_upload(page, product, path) for _ in range(options.times)])
        browser.close()


def _show(path: Path, costs: list[Cost]) -> None:
    seconds = median(cost.seconds for cost in costs)
    before, web = min(cost.web_before for cost in costs), max(cost.web for cost in costs)
    in_mb = " | ".join(f"{size / 1e6:.0f}" for size in (before, web, max(cost.worker for cost in costs)))
    print(f"| {path.name} | {path.stat().st_size / 1e6:.1f} | {seconds:.1f} | {in_mb} |", flush=True)


def _upload(page: Page, product: Product, path: Path) -> Cost:
    page.goto("/corpora/new/")
    page.locator("[name=documents]").set_input_files(path)
    processes = {words: _processes(product, words) for words in (_WEB, _WORKER)}
    before = max(one.memory_info().rss for one in processes[_WEB])
    for one in (*processes[_WEB], *processes[_WORKER]):
        _reset_peak(one.pid)
    began = time.monotonic()
    page.get_by_role("button", name="Add", exact=True).click()
    page.wait_for_url(_CORPUS)
    seconds = time.monotonic() - began
    web, worker = (max(_peak(one.pid) for one in processes[words]) for words in (_WEB, _WORKER))
    return Cost(seconds, before, web, worker)


def _processes(product: Product, words: str) -> list[psutil.Process]:
    """Return the product's processes whose command line holds the words, without their guards."""
    assert product.process
    found = {one: " ".join(one.cmdline()) for one in psutil.Process(product.process.pid).children(recursive=True)}
    return [one for one, line in found.items() if words in line and "process_guard.py" not in line]


def _reset_peak(pid: int) -> None:
    """Let the kernel measure a process's largest memory anew (proc_pid_clear_refs(5))."""
    Path(f"/proc/{pid}/clear_refs").write_text("5")


def _peak(pid: int) -> int:
    """Return the largest resident memory of a process since then."""
    status = Path(f"/proc/{pid}/status").read_text()
    return int(re.findall(r"VmHWM:\s+(\d+) kB", status)[0]) * 1024


if __name__ == "__main__":
    main()
