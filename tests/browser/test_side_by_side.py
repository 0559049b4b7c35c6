"""Texts side by side in a browser, with really trained models: the samples of one, and two that write."""

import re

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.browser.conftest import FIRST, OWNER, SECOND
from tests.support.browsing import SMALL, check_width, choose_training, enter, enter_at_corpus, open_page
from tests.support.product import frozen, slowed
from tests.support.site_operator import Operator


def number_of(model: str) -> str:
    return model.rstrip("/").rsplit("/", 1)[-1]


@pytest.fixture
def timeline(page: Page, operator: Operator, models: tuple[str, str]) -> Page:
    """Return the page with the time line of the first model."""
    enter(page, operator, OWNER)
    page.goto(models[0])
    page.get_by_role("link", name="Watch it learn").click()
    expect(page.locator(".strip li").first).to_be_visible()
    return page


@pytest.fixture
def comparison(page: Page, operator: Operator, models: tuple[str, str]) -> Page:
    """Return the page of the comparison, with both models chosen."""
    enter(page, operator, OWNER)
    page.goto(models[0])
    page.get_by_role("link", name="Compare", exact=True).click()
    expect(page.locator("[name=a] option:checked")).to_contain_text(FIRST)
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


def test_the_time_line_grows_while_it_learns_and_stays_where_its_reader_is(page: Page, operator: Operator) -> None:
    page.set_viewport_size({"width": 390, "height": 800})
    enter_at_corpus(page, operator, "watcher")
    choose_training(page, epochs="12", **SMALL)
    with frozen(operator.product, "-Q train"):
        page.get_by_role("button", name="Train", exact=True).click()
        expect(page.locator("#status")).to_be_visible()
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


def test_compared_models_show_their_memories_and_their_charts_can_be_saved(
    page: Page, operator: Operator, models: tuple[str, str]
) -> None:
    enter(page, operator, OWNER)
    page.goto("/models/compare/?" + "&".join(f"study={number_of(model)}" for model in models))
    page.get_by_role("button", name="Measure how far they remember").dblclick()
    expect(page.locator("#memories figure")).to_have_count(2)
    expect(page.locator("#memories")).to_contain_text("the gradient has fallen to a thousandth")
    check_width(page)
    names = []
    for section in (".chart", "#memories figure"):
        for kind in ("PNG", "SVG"):
            with page.expect_download() as waiting:
                page.locator(section).first.get_by_role("button", name=kind).click()
            names.append(waiting.value.suggested_filename)
            saved = waiting.value.path().read_bytes()
            assert saved.startswith(b"\x89PNG") if kind == "PNG" else saved.count(b"<polyline") > 1
    title = "models-side-by-side"
    assert names == [f"{title}-{name}" for name in ("losses.png", "losses.svg", "gradient.png", "gradient.svg")]


def test_two_models_write_side_by_side_and_the_address_brings_both_back(comparison: Page) -> None:
    write(comparison, prompt="Enter MACBETH", length="150", seed="7")
    is_over(comparison)
    texts = comparison.locator("[data-text]").all_text_contents()
    assert [len(text) for text in texts] == [150, 150]
    assert texts[0] != texts[1]
    left, right = (comparison.locator(".side").nth(n).bounding_box() for n in (0, 1))
    assert left and right and left["y"] == right["y"] and left["x"] + left["width"] <= right["x"]
    comparison.reload()
    expect(comparison.locator(".side h2")).to_have_text([FIRST, SECOND])
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


def test_a_double_click_writes_once_with_each(comparison: Page, operator: Operator) -> None:
    before = operator.passages()
    comparison.locator("[name=length]").fill("50")
    comparison.get_by_role("button", name="Write with both").dblclick()
    comparison.wait_for_url("**requests=*")
    is_over(comparison)
    assert operator.passages() == before + 2


def test_both_work_without_scripts(browser: Browser, operator: Operator, models: tuple[str, str]) -> None:
    page = open_page(browser, operator.product, java_script_enabled=False)
    enter(page, operator, OWNER)
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


@pytest.mark.parametrize("width", [390, 1280])
def test_no_page_is_wider_than_the_screen(page: Page, operator: Operator, models: tuple[str, str], width: int) -> None:
    page.set_viewport_size({"width": width, "height": 800})
    enter(page, operator, OWNER)
    page.goto("/passages/compare/")
    write(page, length="50", prompt="Enter")
    is_over(page)
    for address in (page.url, "/passages/compare/", f"{models[0]}timeline/"):
        page.goto(address)
        check_width(page)
