"""Looking inside a really trained model in a browser: the picture, its keys, what hangs on what, the course."""

import json
import re
import subprocess
import sys
from pathlib import Path
from zipfile import ZipFile

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import OWNER
from tests.support.browsing import check_width, enter, open_page
from tests.support.site_operator import Operator

ROOT = Path(__file__).parents[2]
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


def wait_for_frame(page: Page) -> None:
    """Wait until what was asked for is painted: pictures are drawn with the next frame."""
    page.evaluate("() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")


def colours(page: Page) -> int:
    """Return how many colours the picture has."""
    wait_for_frame(page)
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
    buttons = "buttons => { for (const button of buttons) button.click(); buttons[0].click(); }"
    viewer.locator("[data-parts] button").evaluate_all(buttons)  # fast clicks: the last one counts
    expect(viewer.locator("[data-low]")).to_have_text("0")
    expect(viewer.locator("[data-parts] [aria-pressed=true]")).to_have_text("forget gate")
    viewer.locator("[data-sorting]").select_option("line")
    for kind in ("PNG", "SVG"):
        with viewer.expect_download() as waiting:
            viewer.get_by_role("button", name=f"Picture as {kind}").click()
        assert re.fullmatch(rf"the-first-one-forget-layer-1\.{kind.lower()}", waiting.value.suggested_filename)
    for bars, name, rows in ((".profile", "units", 10), ("[data-next]", "next", 8)):
        for kind in ("PNG", "SVG"):
            with viewer.expect_download() as waiting:
                viewer.locator(bars).get_by_role("button", name=kind).click()
            saved = waiting.value.path().read_bytes()
            assert saved.startswith(b"\x89PNG") if kind == "PNG" else saved.count(b"<rect") > rows
            assert waiting.value.suggested_filename == f"the-first-one-{name}-3.{kind.lower()}"
    check_width(viewer)


def test_the_picture_shows_what_the_trainer_finds(viewer: Page, model: str, tmp_path: Path) -> None:
    archive = tmp_path / "model.zip"
    archive.write_bytes(viewer.request.get(f"{model}download/").body())
    with ZipFile(archive) as files:
        files.extractall(tmp_path)
    (recipe,) = tmp_path.rglob("recipe.json")
    command = [sys.executable, "-m", "trainer", "inspect", str(recipe.parent), "--text", LINE, "--json"]
    found = json.loads(subprocess.run(command, cwd=ROOT, check=True, capture_output=True).stdout)
    at, unit = 17, 5
    picture = viewer.locator("[data-picture]")
    for key in ["ArrowRight"] * at + ["ArrowDown"] * unit:
        picture.press(key)
    names = [name.replace("_", " ") for name in viewer.locator("[data-values] dt").all_inner_texts()]
    values = [float(text.replace("−", "-")) for text in viewer.locator("[data-values] dd").all_inner_texts()]
    layer = found["layers"][0]
    assert [name.split()[0] for name in names] == list(layer)
    assert values == pytest.approx([values[at][unit] for values in layer.values()], abs=0.001)
    likely = [float(text.rstrip(" %")) for text in viewer.locator("[data-likely] .number").all_inner_texts()]
    assert likely == pytest.approx([100 * share for share in found["next_probabilities"][at][:8]], abs=0.06)
    viewer.get_by_role("button", name="hidden state").click()
    expect(picture).to_have_attribute("aria-label", re.compile("hidden state"))
    wait_for_frame(viewer)
    units = len(layer["hidden"][0])
    for row in (unit, (unit + 7) % units):
        assert _shown_value(viewer, at, row, units) == pytest.approx(layer["hidden"][at][row], abs=0.03)


def _shown_value(page: Page, at: int, row: int, units: int) -> float:
    """Return the value of a unit as its colour in the picture says, on the scale from −1 to 1 below it."""
    return float(
        page.evaluate(
            """([at, row, units]) => {
        const pixel = (canvas, x, y) => [...canvas.getContext("2d").getImageData(x, y, 1, 1).data];
        const canvas = document.querySelector("[data-canvas]"), ramp = document.querySelector("[data-ramp]");
        const height = (canvas.height - 26) / units;
        const colour = pixel(canvas, 13 * at + 3, 26 + Math.round((row + 0.5) * height));
        const far = (x) => pixel(ramp, x, 5).reduce((sum, part, place) => sum + Math.abs(part - colour[place]), 0);
        const nearest = [...Array(128).keys()].reduce((best, x) => (far(x) < far(best) ? x : best));
        return nearest / 63.5 - 1;
    }""",
            [at, row, units],
        )
    )


def test_what_has_no_shape_and_what_is_unknown_can_be_seen(viewer: Page) -> None:
    viewer.locator("#id_text").fill("☃, \u200b" + 3 * " ")
    viewer.locator(".look-form button").click()
    expect(viewer.locator("[data-unknown]")).to_contain_text("\u2068“☃”\u2069 \u2068“U+200B”\u2069")
    expect(viewer.locator("[data-low]")).to_have_text(re.compile(r"≤ −\d(\.\d\d?)?"))
    picture = viewer.locator("[data-picture]")
    room, columns = picture.evaluate("box => [box.clientWidth, box.querySelector('canvas').clientWidth]")
    assert room == columns < 200, "a short text has a small picture"


def test_pointing_at_a_character_shades_what_its_prediction_hangs_on(viewer: Page) -> None:
    letters, sentence = viewer.locator("[data-coloured] span"), viewer.locator("[data-attribution-sentence]")
    asked: list[str] = []
    viewer.on("request", lambda request: asked.append(request.url) if request.method == "POST" else None)
    shades = "spans => spans.map((span, at) => span.style.boxShadow ? at : -1).filter((at) => at >= 0)"
    for _ in range(2):
        letters.nth(20).hover()
        expect(sentence).to_contain_text(f"The model gave “\u2068{LINE[20]}\u2069” a probability of")
        shaded = letters.evaluate_all(shades)
        assert shaded and max(shaded) < 20
        viewer.locator("h1").hover()  # the chosen character is the first one, which hangs on nothing
        expect(sentence).to_contain_text("Point at the text")
        assert not letters.evaluate_all(shades)
    assert len(asked) == 1
    viewer.locator("[data-coloured]").focus()
    viewer.keyboard.press("ArrowRight")
    expect(sentence).to_contain_text(f"The model gave “\u2068{LINE[1]}\u2069” a probability of")
    assert letters.evaluate_all(shades) == [0]
    viewer.get_by_role("button", name="Underline what a prediction hangs on").click()
    assert not letters.evaluate_all(shades)


def test_two_units_are_held_and_stay_so_when_more_is_written(page: Page, operator: Operator, model: str) -> None:
    enter(page, operator, OWNER)
    page.goto(f"{model}inside/touch/?layer=1&unit=3&value=1")
    page.wait_for_load_state()
    page.get_by_role("button", name="Hold one more").click()
    unit = page.locator("#id_held-1-unit")
    expect(unit).to_be_focused()
    unit.fill("9")
    page.locator("#id_held-1-value ~ [type=range]").fill("-0.5")
    page.get_by_role("button", name="Hold one more").click()
    page.get_by_role("button", name="Let go of held unit 1").click()
    expect(page.locator(".held-unit")).to_have_count(2)
    expect(page.locator("#id_held-0-unit")).to_have_value("9")
    page.locator("#id_held-1-unit").fill("4")
    page.locator("#id_length").fill("60")
    page.locator("#id_length").press("Enter")
    page.wait_for_url("**/compare/**")
    held = "Unit 9 of layer 1 held at -0.5, unit 4 of layer 1 silenced"
    expect(page.locator(".held-units")).to_have_text(held)
    expect(page.locator("[data-stream]:not([data-poll])")).to_have_count(2)
    page.set_viewport_size({"width": 390, "height": 800})
    check_width(page)
    page.get_by_role("link", name="Kept here").last.click()
    page.get_by_role("link", name="Write more").click()
    expect(page.locator("[name=held]:checked")).to_have_count(2)
    page.get_by_label("Unit 4 of layer 1 silenced").uncheck()
    page.wait_for_url("**held=0%3A8%3D-0.5**")
    before = page.locator("[data-passage]").get_attribute("data-passage")
    page.get_by_role("button", name="Write", exact=True).click()
    expect(page.locator(f"[data-passage]:not([data-passage='{before}'])")).to_have_count(1)
    page.get_by_role("link", name="Kept here").click()
    expect(page.locator(".colophon dd", has_text="unit 9")).to_have_text("unit 9 of layer 1 held at -0.5")
    page.set_viewport_size({"width": 1280, "height": 800})


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
