"""What browser tests do again and again."""

import re
from typing import Any

from playwright.sync_api import Browser, Locator, Page, expect

from tests.support.product import Product
from tests.support.site_operator import Operator
from tests.support.waiting import GENEROUS_MS
from trainer.contract.documents import sample_text

PASSWORD = "an understudy knows the lines"
# Without runs of blanks: a small model that has learned them may write nothing else.
TEXT = re.sub(" {2,}", " ", sample_text())[:30_000]

SMALL = {
    "layers": "1",
    "units": "32",
    "batch": "16",
    "sequence": "32",
}  # one shape, which is compiled once for all tests


def open_page(browser: Browser, site: Product, **options: Any) -> Page:
    """Open a page of a fresh visitor, in a window of its own. It waits for whatever is asked of it, and for no time.

    Nothing moves on it: without a graphics processor, a picture that moves takes half of a processor.
    """
    page = browser.new_page(base_url=site.address, reduced_motion="reduce", **options)
    page.set_default_timeout(GENEROUS_MS)
    return page


def sign_up(page: Page, name: str) -> None:
    page.goto("/accounts/signup/")
    page.locator("[name=username]").fill(name)
    page.locator("[name=password1]").fill(PASSWORD)
    page.locator("[name=password1]").press("Enter")
    expect(page.get_by_role("heading", name=f"Good to see you, {name}.")).to_be_visible()


def log_in(page: Page, name: str) -> None:
    page.goto("/accounts/login/")
    page.locator("[name=login]").fill(name)
    page.locator("[name=password]").fill(PASSWORD)
    page.locator("[name=password]").press("Enter")
    page.wait_for_url("/")


def enter(page: Page, operator: Operator, name: str) -> None:
    """Let somebody be logged in on this page, without forms: to check a password takes half a second by design."""
    cookie, _, value = operator.sign_in(name).partition("=")
    page.context.add_cookies([{"name": cookie, "value": value, "url": operator.product.address}])


def enter_at_corpus(page: Page, operator: Operator, name: str) -> None:
    """Let somebody be logged in, with a corpus, and open its page."""
    enter(page, operator, name)
    page.goto(operator.add_corpus(name, TEXT))


def upload(page: Page, name: str = "the lines.txt", text: str = TEXT) -> None:
    """Add a text, and end on its page."""
    page.goto("/corpora/new/")
    page.locator("[name=documents]").set_input_files({"name": name, "mimeType": "text/plain", "buffer": text.encode()})
    page.get_by_role("button", name="Add", exact=True).click()
    expect(page.get_by_role("heading", name=name.removesuffix(".txt"), exact=True)).to_be_visible()


def choose_training(page: Page, **choices: str) -> None:
    """Go from a corpus to its recipe, and fill the advanced choices."""
    page.get_by_role("main").get_by_role("link", name="Train", exact=True).click()
    page.get_by_text("Advanced", exact=True).click()
    for name, value in choices.items():
        page.locator(f"[name={name}]").fill(value)


def check_width(page: Page) -> None:
    """Check, in both colour schemes, that the page is not wider than its window."""
    page.wait_for_load_state("networkidle")
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        width, room = page.evaluate("[document.documentElement.scrollWidth, window.innerWidth]")
        assert width <= room, (page.url, scheme)


def press_copy(button: Locator) -> None:
    """Press a button that copies, and wait until it has said that it did: it says so for a moment only."""
    button.evaluate(
        """button => new MutationObserver(() => {
      if (button.textContent === button.dataset.done) button.dataset.saidSo = "";
    }).observe(button, {childList: true})"""
    )
    button.click()
    expect(button.page.locator("[data-said-so]")).to_have_count(1)
