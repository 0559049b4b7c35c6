"""Looking inside a really trained model in a browser: the picture, its keys, what hangs on what, the course."""

import re

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import OWNER
from tests.support.browsing import check_width, enter, open_page
from tests.support.site_operator import Operator

LINE = "Quotes may be used inside\nof a string. So it is."


@pytest.fixture
def viewer(page: Page, operator: Operator, model: str) -> Page:
    """Return the page on which the model has read a line."""
    enter(page, operator, OWNER)
    page.goto(model)
    page.get_by_role("link", name="Look inside").click()
    page.locator("#id_text").fill(LINE)
    page.locator(".look-form button").click()
    expect(page.locator("[data-likely] li")).to_have_count(8)
    return page


def colours(page: Page) -> int:
    """Return how many colours the picture has."""
    counted = """canvas => new Set(new Uint32Array(
        canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height).data.buffer)).size"""
    return int(page.locator("[data-canvas]").evaluate(counted))


def shown(page: Page) -> list[str]:
    return [page.locator(f"[data-{name}]").inner_text() for name in ("symbol", "place", "unit")]


def test_the_picture_is_read_with_keys_and_pointer_and_taken_along(viewer: Page) -> None:
    assert colours(viewer) > 20
    assert shown(viewer) == ["Q", f"character 1 of {len(LINE)}", "unit 1 of layer 1"]
    picture = viewer.locator("[data-picture]")
    picture.focus()
    for key in ("ArrowRight", "ArrowRight", "ArrowDown"):
        picture.press(key)
    assert shown(viewer) == ["o", f"character 3 of {len(LINE)}", "unit 2 of layer 1"]
    expect(viewer.locator("[data-values]")).to_contain_text("forget gate")
    expect(viewer.locator("[data-coloured] .here")).to_have_text("o")
    viewer.locator("[data-canvas]").hover(position={"x": 13 * 5 + 6, "y": 26 + 14 * 3 + 6})
    expect(viewer.locator("[data-place]")).to_have_text(f"character 6 of {len(LINE)}")
    viewer.locator("h1").hover()
    expect(viewer.locator("[data-unit]")).to_have_text("unit 2 of layer 1")
    viewer.get_by_role("button", name="forget gate").click()
    expect(viewer.locator("[data-low]")).to_have_text("0")
    viewer.locator("[data-sorting]").select_option("line")
    for kind in ("PNG", "SVG"):
        with viewer.expect_download() as waiting:
            viewer.get_by_role("button", name=kind).click()
        assert re.fullmatch(rf"the-first-one-forget-layer-1\.{kind.lower()}", waiting.value.suggested_filename)
    check_width(viewer)


def test_a_prediction_shades_what_it_hangs_on(viewer: Page) -> None:
    viewer.locator("[data-coloured] span").nth(20).click()
    viewer.get_by_role("button", name="What does the next prediction hang on?").click()
    expect(viewer.locator("[data-attribution-sentence]")).to_contain_text("That hangs on what is underlined")
    shades = "spans => spans.map((span, at) => span.style.boxShadow ? at : -1).filter((at) => at >= 0)"
    shaded = viewer.locator("[data-coloured] span").evaluate_all(shades)
    assert shaded and max(shaded) <= 20


def test_a_class_takes_the_course_by_its_link(page: Page, browser: Browser, operator: Operator, model: str) -> None:
    enter(page, operator, OWNER)
    page.goto(f"{model}inside/course/")
    page.locator("#id_text").fill(LINE)
    page.get_by_role("button", name="Draw the pictures").click()
    expect(page.locator("[data-live]:not([hidden])")).to_have_count(6)
    page.get_by_role("button", name="Make a link").click()
    visitor = open_page(browser, operator.product)
    visitor.goto(page.locator("#share-link").inner_text())
    expect(visitor.locator("[data-live]:not([hidden])")).to_have_count(6)
    visitor.locator("[data-temperature-slider]").fill("0.1")
    assert float(visitor.locator("[data-temperature-bars] .number").first.inner_text().rstrip(" %")) > 50
    visitor.locator("[data-temperature-draw]").click()
    expect(visitor.locator("[data-temperature-drawn]")).to_contain_text("Drawn so far")
    check_width(visitor)
    visitor.close()
