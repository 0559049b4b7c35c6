"""Texts side by side in a browser, with really trained models: the samples of one, and two that write."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.support.browsing import choose_training, log_in, open_page, sign_up, upload
from tests.support.product import Product, slowed
from tests.support.site_operator import Operator

FLEANCE = "fleance"


@pytest.fixture(scope="module")
def models(browser: Browser, site: Product) -> Iterator[tuple[str, str]]:
    """Return the addresses of two trained models, which belong to the person "fleance"."""
    page = open_page(browser, site)
    sign_up(page, FLEANCE)
    upload(page)
    corpus = page.url
    yield train(page, corpus, "The wide one", units="16"), train(page, corpus, "The narrow one", units="8")
    page.close()


def train(page: Page, corpus: str, name: str, **choices: str) -> str:
    begin_training(page, corpus, name, epochs="6", **choices)  # not minutes, so that it has five samples on any machine
    expect(page.locator("#status .badge")).to_have_text("finished")
    return page.url


def begin_training(page: Page, corpus: str, name: str, **choices: str) -> None:
    page.goto(corpus)
    choose_training(page, name=name, **choices)
    page.get_by_role("button", name="Train", exact=True).click()
    expect(page.get_by_role("heading", name=name)).to_be_visible()


def number_of(model: str) -> str:
    return model.rstrip("/").rsplit("/", 1)[-1]


@pytest.fixture
def timeline(page: Page, models: tuple[str, str]) -> Page:
    """Return the page with the time line of the first model."""
    log_in(page, FLEANCE)
    page.goto(models[0])
    page.get_by_role("link", name="Watch it learn").click()
    expect(page.locator(".strip li").first).to_be_visible()
    return page


@pytest.fixture
def comparison(page: Page, models: tuple[str, str]) -> Page:
    """Return the page of the comparison, with both models chosen."""
    log_in(page, FLEANCE)
    page.goto(models[0])
    page.get_by_role("link", name="Compare", exact=True).click()
    expect(page.locator("[name=a] option:checked")).to_contain_text("The wide one")
    page.locator("[name=b]").select_option(number_of(models[1]))
    return page


def write(page: Page, **choices: str) -> None:
    for name, value in choices.items():
        page.locator(f"[name={name}]").fill(value)
    page.get_by_role("button", name="Write with both").click()
    page.wait_for_url("**requests=*")


def is_over(page: Page) -> None:
    expect(page.locator("[data-stream]")).to_have_count(2)
    expect(page.locator("[data-stream][data-poll]")).to_have_count(0)


def place(strip: Locator) -> float:
    return float(strip.evaluate("strip => strip.scrollLeft"))


def scroll(strip: Locator, key: str) -> None:
    """Press a key, and wait until the scrolling has ended."""
    strip.evaluate("strip => { window.rest = new Promise((done) => strip.addEventListener('scrollend', done)); }")
    strip.press(key)
    strip.evaluate("() => rest.then(() => null)")


def test_the_time_line_grows_while_it_learns_and_stays_where_its_reader_is(
    page: Page, models: tuple[str, str], operator: Operator
) -> None:
    page.set_viewport_size({"width": 390, "height": 800})
    log_in(page, FLEANCE)
    page.goto("/corpora/")
    page.get_by_role("link", name="the lines").click()
    with slowed(operator.product, "trainer train"):
        begin_training(page, page.url, "The slow one", epochs="100", units="16")
        page.goto(f"{page.url}timeline/")
        expect(page.locator("#timeline")).to_contain_text("what it writes stands here")
    samples, strip = page.locator(".strip li"), page.locator("#strip")
    with slowed(operator.product, "trainer train", since=lambda: operator.samples() > 2):
        expect(samples.nth(2)).to_be_attached()
        scroll(strip, "ArrowRight")
        before, count = place(strip), samples.count()
    assert before > 200
    expect(samples.nth(count)).to_be_attached()
    assert place(strip) == pytest.approx(before, abs=2)
    expect(strip).to_be_focused()
    expect(page.locator("#timeline[data-poll]")).to_have_count(0)  # nothing polls any more
    assert place(strip) == pytest.approx(before, abs=2)
    expect(page.locator(".strip .badge")).to_have_text("the model that you have")


def test_a_mark_leads_to_its_sample_and_those_in_view_are_filled(timeline: Page) -> None:
    timeline.set_viewport_size({"width": 390, "height": 800})
    first, last = timeline.locator(".curve a").first, timeline.locator(".curve a").last
    expect(first).to_have_attribute("data-in-view", "")
    last.locator("circle").click()
    expect(timeline.locator(".strip li").last).to_be_in_viewport(ratio=0.6)
    expect(last).to_have_attribute("data-in-view", "")
    expect(first).not_to_have_attribute("data-in-view", "")
    expect(first).to_be_in_viewport()  # the curve is still there


def test_the_keys_go_from_sample_to_sample(timeline: Page) -> None:
    timeline.set_viewport_size({"width": 390, "height": 800})
    samples, strip = timeline.locator(".strip li"), timeline.locator("#strip")
    scroll(strip, "ArrowRight")
    expect(samples.nth(1)).to_be_in_viewport(ratio=0.9)
    scroll(strip, "ArrowLeft")
    expect(samples.nth(0)).to_be_in_viewport(ratio=0.9)


def test_the_best_sample_is_what_the_model_writes_now_as_the_page_says_it_was_written(
    timeline: Page, models: tuple[str, str]
) -> None:
    sample = timeline.locator(".strip [data-best] .passage").text_content()
    said = timeline.locator("#timeline > p").text_content() or ""
    found = re.search(r"seed (\d+) and temperature ([\d.]+):", said)
    assert found
    timeline.goto(f"/passages/write/{number_of(models[0])}/")
    for name, value in {"length": "200", "seed": found[1], "temperature": found[2]}.items():
        timeline.locator(f"[name={name}]").fill(value)
    timeline.get_by_role("button", name="Write", exact=True).click()
    expect(timeline.locator("[data-text]")).to_have_text(sample or "", use_inner_text=False)


def test_two_models_write_side_by_side_and_the_address_brings_both_back(comparison: Page) -> None:
    write(comparison, prompt="Enter MACBETH", length="150", seed="7")
    is_over(comparison)
    texts = comparison.locator("[data-text]").all_text_contents()
    assert [len(text) for text in texts] == [150, 150]
    assert texts[0] != texts[1]
    left, right = (comparison.locator(".side").nth(n).bounding_box() for n in (0, 1))
    assert left and right and left["y"] == right["y"] and left["x"] + left["width"] <= right["x"]
    comparison.reload()
    expect(comparison.locator(".side h2")).to_have_text(["The wide one", "The narrow one"])
    assert comparison.locator("[data-text]").all_text_contents() == texts
    write(comparison, seed="7")
    is_over(comparison)
    assert comparison.locator("[data-text]").all_text_contents() == texts, "the same seed writes the same"


def test_the_form_of_a_comparison_works_as_the_desk_s_does(comparison: Page) -> None:
    comparison.locator("[name=temperature] + [type=range]").fill("1.2")
    expect(comparison.locator("[name=temperature]")).to_have_value("1.2")
    comparison.locator("[name=unit]").select_option("paragraph")
    expect(comparison.locator("[name=length]")).to_be_disabled()


def test_both_flow_into_the_page_and_can_be_stopped(comparison: Page, operator: Operator) -> None:
    write(comparison, length="20000")
    for n in (0, 1):  # one after the other
        side = comparison.locator(".side").nth(n)
        with slowed(operator.product, "trainer serve", since=operator.is_writing):
            expect(side.locator("[data-text]")).not_to_be_empty()
            side.get_by_role("button", name="Stop").click()
            expect(side.locator("[data-stop]")).to_have_count(0)
    is_over(comparison)
    expect(comparison.locator("[data-half]:visible")).to_have_count(2)


def test_a_double_click_writes_once_with_each(comparison: Page) -> None:
    address = comparison.url
    comparison.goto("/passages/")
    before = comparison.locator(".row-title").count()
    comparison.goto(address)
    comparison.locator("[name=length]").fill("50")
    comparison.get_by_role("button", name="Write with both").dblclick()
    comparison.wait_for_url("**requests=*")
    is_over(comparison)
    comparison.goto("/passages/")
    expect(comparison.locator(".row-title")).to_have_count(before + 2)


def test_both_work_without_scripts(browser: Browser, site: Product, models: tuple[str, str]) -> None:
    page = open_page(browser, site, java_script_enabled=False)
    log_in(page, FLEANCE)
    page.goto(f"{models[0]}timeline/")
    page.locator(".curve a").last.locator("circle").click()
    expect(page.locator(".strip li").last).to_be_in_viewport(ratio=0.6)
    page.goto("/passages/compare/")
    page.locator("[name=length]").fill("60")
    page.get_by_role("button", name="Write with both").click()
    # the page polls again by itself
    for n in (0, 1):
        expect(page.locator("[data-text]").nth(n)).to_have_text(re.compile(".{20,}", re.DOTALL))
    page.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [390, 1280])
def test_no_page_is_wider_than_the_screen(page: Page, models: tuple[str, str], scheme: str, width: int) -> None:
    page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
    page.set_viewport_size({"width": width, "height": 800})
    log_in(page, FLEANCE)
    page.goto("/passages/compare/")
    write(page, length="50", prompt="Enter")
    is_over(page)
    for address in (page.url, "/passages/compare/", f"{models[0]}timeline/"):
        page.goto(address)
        page.wait_for_load_state("networkidle")
        assert page.evaluate("document.documentElement.scrollWidth") <= width, address
