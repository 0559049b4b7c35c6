"""The whole path in a browser: a text, a real training, what it writes, and all of it found again."""

from pathlib import Path

from playwright.sync_api import Browser, Page, expect

from tests.support.browsing import SMALL, TEXT, choose_training, enter, open_page, sign_up, upload
from tests.support.product import slowed
from tests.support.site_operator import Operator

NAME = "dora"
LENGTH = 20_000


def test_upload_train_watch_write_find_again_and_delete(page: Page, browser: Browser, operator: Operator) -> None:
    sign_up(page, NAME)
    upload(page)
    train(page)
    watch(page, operator)
    passage = write(page, operator)
    find_again(page, passage)
    delete_while_it_writes(page, browser, operator)


def train(page: Page) -> None:
    choose_training(page, epochs="12", name="The understudy", **SMALL)
    page.get_by_role("button", name="Train", exact=True).click()
    expect(page.get_by_role("heading", name="The understudy")).to_be_visible()


def watch(page: Page, operator: Operator) -> None:
    status, chart = page.locator("#status"), page.locator("[data-chart-frame] canvas")
    with slowed(operator.product, "trainer train", since=operator.samples):
        expect(status.locator("progress[value]")).to_be_visible()
        expect(status).to_contain_text("Characters per second")
        expect(page.locator(".samples li").first).to_be_visible()
        expect(chart).to_be_visible()
        chart.evaluate("canvas => { canvas.dataset.mine = 'yes'; }")
    expect(status.locator(".badge")).to_have_text("finished")
    expect(chart).to_have_attribute("data-mine", "yes")  # the same chart, which was not made again
    expect(page.locator(".u-legend")).to_contain_text("counting letters")
    expect(page.locator("[data-poll]")).to_have_count(0)  # nothing polls any more
    page.reload()
    expect(status).to_contain_text("bits per character")
    expect(page.locator(".samples li").first).to_be_visible()
    expect(chart).to_be_visible()


def write(page: Page, operator: Operator) -> str:
    """Let the model continue the text's end. Return the address of the passage."""
    page.get_by_role("link", name="Read what it writes").click()
    page.get_by_role("link", name="Its last lines").click()
    prompt = page.locator("[name=prompt]")
    expect(prompt).not_to_have_value("")
    opening = prompt.input_value()
    assert TEXT.rstrip().endswith(opening.rstrip())
    page.locator("[name=length]").fill(str(LENGTH))
    page.locator("[name=passages]").fill("2")
    text = page.locator("[data-text]").first
    with slowed(operator.product, "trainer serve", since=operator.is_writing):
        page.get_by_role("button", name="Write", exact=True).click()
        expect(text).not_to_be_empty()
        assert len(text.text_content() or "") < LENGTH, "it came all at once"
    expect(page.locator("[data-stream][data-poll]")).to_have_count(0)
    written = text.text_content() or ""
    assert len(written) == LENGTH
    page.reload()
    expect(page.locator("[data-text]").first).to_have_text(written, use_inner_text=False)
    expect(page.locator("[data-passage]")).to_have_count(2)
    page.get_by_role("link", name="Kept here").first.click()
    expect(page.locator(".passage")).to_contain_text(written[:50])
    check_download(page, opening + written)
    return page.url


def check_download(page: Page, text: str) -> None:
    with page.expect_download() as waiting:
        page.get_by_role("link", name="Download as text").click()
    assert Path(waiting.value.path()).read_text(encoding="utf-8").startswith(text + "\n\n---")


def find_again(page: Page, passage: str) -> None:
    page.get_by_role("link", name="Rename").click()
    page.get_by_label("Title").fill("The long one")
    page.get_by_role("button", name="Save").click()
    page.get_by_role("navigation", name="Main").get_by_role("link", name="Passages").click()
    page.get_by_role("link", name="The long one").click()
    assert page.url == passage
    for place, thing in (("Corpora", "the lines"), ("Models", "The understudy")):
        page.get_by_role("navigation", name="Main").get_by_role("link", name=place).click()
        expect(page.get_by_role("main").get_by_role("link", name=thing, exact=True)).to_be_visible()


def delete_while_it_writes(page: Page, browser: Browser, operator: Operator) -> None:
    page.get_by_role("main").get_by_role("link", name="The understudy").click()
    desk = open_page(browser, operator.product)  # its console may report a 404
    enter(desk, operator, NAME)
    desk.goto(page.url)
    desk.get_by_role("link", name="Read what it writes").click()
    desk.locator("[name=length]").fill(str(LENGTH))
    desk.locator("[name=passages]").fill("4")
    with slowed(operator.product, "trainer serve", since=operator.is_writing):
        desk.get_by_role("button", name="Write", exact=True).click()
        expect(desk.locator("[data-text]").first).not_to_be_empty()
        delete_everything(page, passages=6)
        expect(desk.locator("[data-sentence]")).to_contain_text("was deleted")
    expect(desk.locator("[data-stop]")).to_have_count(0)
    desk.close()


def delete_everything(page: Page, passages: int) -> None:
    page.get_by_role("link", name="Delete").click()
    expect(page.get_by_role("main")).to_contain_text(f"{passages} passages that it wrote go with it")
    page.get_by_role("button", name="Delete the model").click()
    expect(page.get_by_role("main")).to_contain_text("No models yet")
    page.goto("/passages/")
    expect(page.get_by_role("main")).to_contain_text("No passages yet")
