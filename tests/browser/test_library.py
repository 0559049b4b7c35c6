"""The library in a browser: star, search, share, write again, with passages that a trained model wrote."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.browser.conftest import OWNER
from tests.support.browsing import check_width, enter, open_page, press_copy
from tests.support.product import Product
from tests.support.site_operator import Operator


@dataclass(frozen=True)
class Library:
    """The addresses of three passages that a trained model wrote in one request, and their texts."""

    passages: list[str]
    texts: list[str]


@pytest.fixture(scope="module")
def library(browser: Browser, operator: Operator, model: str) -> Iterator[Library]:
    """Let the trained model write three passages at once."""
    page = open_page(browser, operator.product)
    enter(page, operator, OWNER)
    page.goto(model)
    page.get_by_role("link", name="Read what it writes").click()
    for name, value in {"prompt": "Enter ", "length": "300", "passages": "3", "temperature": "1"}.items():
        page.locator(f"[name={name}]").fill(value)
    page.get_by_role("button", name="Write", exact=True).click()
    is_written(page)
    kept = page.get_by_role("link", name="Kept here")
    addresses = [operator.product.address + (link.get_attribute("href") or "") for link in kept.all()]
    yield Library(addresses, page.locator("[data-text]").all_text_contents())
    page.close()


def is_written(page: Page) -> None:
    page.wait_for_url("**request=*")
    expect(page.locator("[data-stream]")).to_have_count(1)
    expect(page.locator("[data-stream][data-poll]")).to_have_count(0)


@pytest.fixture
def reader(page: Page, operator: Operator, library: Library) -> Page:
    enter(page, operator, OWNER)
    return page


def stars(page: Page) -> Locator:
    return page.get_by_role("button", name="Star", exact=True)


def test_number_two_of_three_is_written_again_letter_for_letter(
    reader: Page, operator: Operator, library: Library
) -> None:
    before = operator.passages()
    reader.goto(library.passages[1])
    expect(reader.get_by_role("main")).to_contain_text("expect the same text, letter for letter")
    reader.get_by_role("button", name="Write it again").dblclick()
    is_written(reader)
    assert reader.locator("[data-text]").all_text_contents() == [library.texts[1]]
    reader.get_by_role("link", name="Kept here").click()
    expect(reader.get_by_role("main")).to_contain_text("The same, letter for letter.")
    assert operator.passages() == before + 1


def test_a_star_stays_without_leaving_the_page(reader: Page, library: Library) -> None:
    reader.goto(library.passages[0])
    reader.evaluate("window.still = 'here'")
    stars(reader).click()
    expect(stars(reader)).to_have_attribute("aria-pressed", "true")
    expect(stars(reader)).to_be_focused()
    reader.goto("/passages/?starred=1")
    expect(reader.locator(".row-title")).to_have_count(1)
    reader.evaluate("window.still = 'here'")
    stars(reader).click()
    expect(stars(reader)).to_have_attribute("aria-pressed", "false")
    assert reader.evaluate("window.still") == "here"
    reader.reload()
    expect(reader.get_by_role("main")).to_contain_text("Nothing was found.")


def test_words_are_searched_and_marked(reader: Page, library: Library) -> None:
    word = max(re.findall(r"[a-z]+", library.texts[2]), key=len)
    reader.goto("/passages/")
    reader.get_by_role("searchbox").fill(word.upper())
    reader.get_by_role("button", name="Search").click()
    expect(reader.locator("mark").first).to_have_text(word, ignore_case=True)
    expect(reader.locator("[role=status]")).to_contain_text("found.")
    reader.get_by_role("searchbox").fill("% no such words _")
    reader.get_by_role("searchbox").press("Enter")
    expect(reader.get_by_role("main")).to_contain_text("Nothing was found for “% no such words _”.")
    reader.get_by_role("link", name="Show all passages").click()
    expect(reader.locator(".row-title").first).to_be_visible()


def test_a_link_is_read_by_somebody_who_is_not_logged_in_until_it_is_taken_back(
    reader: Page, library: Library, browser: Browser, site: Product
) -> None:
    reader.context.grant_permissions(["clipboard-read", "clipboard-write"])
    reader.goto(library.passages[0])
    reader.get_by_role("button", name="Make a link").click()
    press_copy(reader.get_by_role("button", name="Copy the link"))
    link = reader.evaluate("navigator.clipboard.readText()")
    visitor = open_page(browser, site)
    assert visitor.goto(link).status == 200  # type: ignore[union-attr]
    assert visitor.locator(".passage").text_content() == "Enter " + library.texts[0]
    expect(visitor.get_by_role("contentinfo")).to_contain_text("A machine wrote this")
    expect(visitor.get_by_role("link")).to_have_count(0)
    reader.get_by_role("button", name="Stop sharing").click()
    expect(reader.get_by_role("button", name="Make a link")).to_be_visible()
    assert visitor.reload().status == 404  # type: ignore[union-attr]
    visitor.close()


def test_both_files_are_downloaded(reader: Page, library: Library) -> None:
    reader.goto(library.passages[0])
    for name, begins in (("text", "Enter " + library.texts[0]), ("Markdown", "# Enter")):
        with reader.expect_download() as waiting:
            reader.get_by_role("link", name=f"Download as {name}").click()
        assert Path(waiting.value.path()).read_text(encoding="utf-8").startswith(begins)


def test_it_works_without_scripts(browser: Browser, operator: Operator, library: Library) -> None:
    page = open_page(browser, operator.product, java_script_enabled=False)
    enter(page, operator, OWNER)
    page.goto("/passages/?q=enter")
    stars(page).first.click()
    assert page.url.endswith("/passages/?q=enter")
    expect(stars(page).first).to_have_attribute("aria-pressed", "true")
    stars(page).first.click()
    expect(stars(page).first).to_have_attribute("aria-pressed", "false")
    page.close()


@pytest.mark.parametrize("width", [390, 1280])
def test_no_page_is_wider_than_the_screen(reader: Page, library: Library, width: int) -> None:
    reader.set_viewport_size({"width": width, "height": 800})
    reader.goto(library.passages[2])
    make = reader.get_by_role("button", name="Make a link")
    if make.is_visible():
        make.click()
    shared = reader.locator("#share-link").text_content() or ""
    for address in (library.passages[2], shared, "/passages/", "/passages/?q=enter&starred=", "/passages/?q=no+such"):
        reader.goto(address)
        check_width(reader)
