"""Writing in a browser, with a model that was really trained."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browsing import TEXT, choose_training, log_in, sign_up, upload
from tests.product import Product, slowed

PLAYWRIGHT = "playwright"
BUSY = 120_000  # ms that the trainer may take on a busy machine


@pytest.fixture(scope="module")
def model(browser: Browser, site: Product) -> Iterator[str]:
    """The address of a trained model, which belongs to the person "playwright"."""
    page = browser.new_page(base_url=site.address)
    sign_up(page, PLAYWRIGHT)
    upload(page)
    choose_training(page, minutes="0.1", units="16")
    page.get_by_role("button", name="Train", exact=True).click()
    expect(page.locator("#status .badge")).to_have_text("finished", timeout=BUSY)
    yield page.url
    page.close()


@pytest.fixture
def desk(page: Page, model: str) -> Page:
    """The page to write on."""
    log_in(page, PLAYWRIGHT)
    page.goto(model)
    page.get_by_role("link", name="Read what it writes").click()
    expect(page.locator("#write-form")).to_be_visible()
    return page


def order(desk: Page, **choices: str) -> None:
    before = desk.url
    for name, value in choices.items():
        desk.locator(f"[name={name}]").fill(value)
    desk.get_by_role("button", name="Write", exact=True).click()
    desk.wait_for_url(lambda url: url != before)


def is_over(desk: Page) -> None:
    """Wait for the end of what was asked for last: each request has an address of its own."""
    job = re.compile(rf"/passages/request/{desk.url.rsplit('=', 1)[-1]}/")
    expect(desk.locator("[data-stream]")).to_have_attribute("data-stream", job)
    expect(desk.locator("[data-stream][data-poll]")).to_have_count(0, timeout=BUSY)


def test_text_appears_and_the_next_seed_is_another(desk: Page) -> None:
    order(desk, length="200", seed="7")
    is_over(desk)
    first = desk.locator("[data-text]").text_content() or ""
    assert len(first) == 200
    assert desk.locator("[name=seed]").input_value() != "7"
    order(desk, length="200", seed="7")
    is_over(desk)
    assert desk.locator("[data-text]").text_content() == first, "the same seed and settings write the same text"


def test_a_double_click_writes_once(desk: Page) -> None:
    desk.goto("/passages/")
    before = desk.locator(".row-title").count()
    desk.go_back()
    desk.locator("[name=length]").fill("50")
    desk.get_by_role("button", name="Write", exact=True).dblclick()
    desk.wait_for_url("**request=*")
    is_over(desk)
    desk.goto("/passages/")
    expect(desk.locator(".row-title")).to_have_count(before + 1)


def test_a_long_text_can_be_stopped_and_says_that_it_is_half_written(desk: Page, site: Product) -> None:
    with slowed(site, "trainer serve"):
        order(desk, length="20000", passages="8")
        expect(desk.locator("[data-text]").first).not_to_be_empty(timeout=BUSY)
        desk.get_by_role("button", name="Stop").click()
    is_over(desk)
    expect(desk.locator("[data-half]").last).to_be_visible()
    expect(desk.locator("[data-sentence]")).to_contain_text("Stopped")


def test_characters_that_it_has_never_seen_are_named(desk: Page) -> None:
    assert "Ω" not in TEXT
    order(desk, prompt="Ωmega", length="50")
    expect(desk.locator("[data-unknown-characters]")).to_have_text("Ω", timeout=BUSY)
    is_over(desk)


def test_a_page_that_is_being_written_after_logging_out_asks_to_log_in(desk: Page, site: Product) -> None:
    with slowed(site, "trainer serve"):
        order(desk, length="5000", passages="4")
        expect(desk.locator("[data-text]").first).not_to_be_empty(timeout=BUSY)
        desk.context.clear_cookies(name="sessionid")
        desk.wait_for_url("**/accounts/login/?next=/passages/write/**")


def test_a_wrong_choice_is_said_without_leaving_the_page(desk: Page) -> None:
    desk.locator("#write-form").evaluate("form => form.noValidate = true")
    desk.locator("[name=length]").fill("0")
    desk.get_by_role("button", name="Write", exact=True).click()
    expect(desk.locator("#write-form .errorlist")).to_be_visible()
    order(desk, length="50")
    is_over(desk)


def test_a_random_opening_is_put_into_the_form(desk: Page) -> None:
    desk.get_by_role("link", name="Random opening").click()
    desk.wait_for_function("document.querySelector('[name=prompt]').value.length > 0")
    assert desk.locator("[name=prompt]").input_value() in TEXT


def test_the_text_can_be_copied(desk: Page) -> None:
    desk.context.grant_permissions(["clipboard-read", "clipboard-write"])
    order(desk, prompt="So ", length="50")
    is_over(desk)
    desk.get_by_role("button", name="Copy").click()
    expect(desk.get_by_role("button", name="Copied")).to_be_visible()
    copied = desk.evaluate("navigator.clipboard.readText()")
    assert copied == desk.locator(".passage").text_content()


def test_it_works_without_scripts(browser: Browser, site: Product, model: str) -> None:
    page = browser.new_page(base_url=site.address, java_script_enabled=False)
    log_in(page, PLAYWRIGHT)
    page.goto(model)
    expect(page.locator("#status .badge")).to_have_text("finished")
    page.get_by_role("link", name="Read what it writes").click()
    page.get_by_role("link", name="Its last lines").click()
    page.locator("[name=length]").fill("60")
    page.get_by_role("button", name="Write", exact=True).click()
    # the page asks again by itself
    expect(page.locator("[data-text]")).to_have_text(re.compile(".{20,}", re.DOTALL), timeout=BUSY)
    page.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [390, 1280])
def test_no_page_is_wider_than_the_screen_and_none_complains(page: Page, model: str, scheme: str, width: int) -> None:
    page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
    page.set_viewport_size({"width": width, "height": 800})
    log_in(page, PLAYWRIGHT)
    number = model.rstrip("/").rsplit("/", 1)[-1]
    for address in (model, f"/passages/write/{number}/", "/models/", "/passages/", "/corpora/", "/"):
        page.goto(address)
        page.wait_for_load_state("networkidle")
        assert page.evaluate("document.documentElement.scrollWidth") <= width, address
