"""Writing in a browser, with a model that was really trained."""

import re
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import OWNER
from tests.support.browsing import TEXT, check_width, enter, open_page, press_copy
from tests.support.product import slowed
from tests.support.site_operator import Operator
from tests.support.waiting import wait_for


@pytest.fixture
def desk(page: Page, operator: Operator, model: str) -> Page:
    """Return the page on which the model writes."""
    enter(page, operator, OWNER)
    page.goto(model)
    page.get_by_role("link", name="Read what it writes").click()
    expect(page.locator("#write-form")).to_be_visible()
    page.wait_for_load_state()  # only then its scripts have the form, which the browser itself would send before
    return page


def request(address: str) -> str:
    """Return the number of the request that the page shows, from the page's address."""
    return parse_qs(urlsplit(address).query).get("request", [""])[0]


def write(desk: Page, unit: str = "characters", **choices: str) -> None:
    before = request(desk.url)
    desk.locator("[name=unit]").select_option(unit)
    for name, value in choices.items():
        desk.locator(f"[name={name}]").fill(value)
    desk.get_by_role("button", name="Write", exact=True).click()
    desk.wait_for_url(lambda url: request(url) not in ("", before))


def is_over(desk: Page) -> None:
    """Wait for the end of the last request."""
    job = re.compile(rf"/passages/request/{request(desk.url)}/")
    expect(desk.locator("[data-stream]")).to_have_attribute("data-stream", job)
    expect(desk.locator("[data-stream][data-poll]")).to_have_count(0)


def test_text_appears_and_the_next_seed_is_another(desk: Page) -> None:
    write(desk, length="200", seed="7")
    is_over(desk)
    first = desk.locator("[data-text]").text_content() or ""
    assert len(first) == 200
    assert desk.locator("[name=seed]").input_value() != "7"
    write(desk, length="200", seed="7")
    is_over(desk)
    assert desk.locator("[data-text]").text_content() == first, "the same seed and settings write the same text"


def test_a_double_click_writes_once(desk: Page, operator: Operator) -> None:
    before = operator.passages()
    desk.locator("[name=length]").fill("50")
    desk.get_by_role("button", name="Write", exact=True).dblclick()
    desk.wait_for_url("**request=**")
    is_over(desk)
    assert operator.passages() == before + 1


def test_a_long_text_can_be_stopped_and_says_that_it_is_half_written(desk: Page, operator: Operator) -> None:
    with slowed(operator.product, "trainer serve", since=operator.is_writing):
        write(desk, length="20000", passages="8")
        expect(desk.locator("[data-text]").first).not_to_be_empty()
        desk.get_by_role("button", name="Stop").click()
        is_over(desk)
    expect(desk.locator("[data-half]").last).to_be_visible()
    expect(desk.locator("[data-sentence]")).to_contain_text("Stopped")


def test_characters_that_it_has_never_seen_are_named(desk: Page) -> None:
    assert "Ω" not in TEXT
    write(desk, prompt="Ωmega", length="50")
    expect(desk.locator("[data-unknown-characters]")).to_have_text("Ω")
    is_over(desk)


def test_a_page_that_is_being_written_after_logging_out_asks_to_log_in(desk: Page, operator: Operator) -> None:
    with slowed(operator.product, "trainer serve", since=operator.is_writing):
        write(desk, length="5000", passages="4")
        expect(desk.locator("[data-text]").first).not_to_be_empty()
        desk.context.clear_cookies(name="sessionid")
        desk.wait_for_url("**/accounts/login/?next=/passages/write/**")


def test_a_wrong_choice_is_said_without_leaving_the_page(desk: Page) -> None:
    desk.locator("#write-form").evaluate("form => form.noValidate = true")
    desk.locator("[name=length]").fill("0")
    desk.get_by_role("button", name="Write", exact=True).click()
    expect(desk.locator("#write-form .errorlist")).to_be_visible()
    write(desk, length="50")
    is_over(desk)


def test_a_random_opening_is_put_into_the_form(desk: Page) -> None:
    desk.get_by_role("link", name="Random opening").click()
    expect(desk.locator("[name=prompt]")).not_to_have_value("")
    assert desk.locator("[name=prompt]").input_value() in TEXT


def test_the_text_can_be_copied(desk: Page) -> None:
    desk.context.grant_permissions(["clipboard-read", "clipboard-write"])
    write(desk, prompt="So ", length="50")
    is_over(desk)
    press_copy(desk.get_by_role("button", name="Copy"))
    copied = desk.evaluate("navigator.clipboard.readText()")
    assert copied == desk.locator(".passage").text_content()


def written(desk: Page) -> str:
    return desk.locator("[data-text]").first.text_content() or ""


def click_character(desk: Page, number: int) -> None:
    """Click at the left edge of a character of the first passage."""
    place = desk.locator("[data-text]").first.evaluate(
        """(element, number) => {
          const walker = document.createTreeWalker(element, NodeFilter.SHOW_TEXT);
          let node, before = 0;
          while ((node = walker.nextNode()) && before + node.length <= number) before += node.length;
          const range = new Range();
          range.setStart(node, number - before);
          range.setEnd(node, number - before + 1);
          node.parentElement.scrollIntoView({block: "center"});
          const {left, top, height} = range.getBoundingClientRect();
          return [left + 1, top + height / 2];
        }""",
        number,
    )
    desk.mouse.click(*place)


def test_a_click_on_a_character_cuts_there_and_writes_on(desk: Page) -> None:
    write(desk, prompt="So ", length="120", seed="7")
    is_over(desk)
    first, number = written(desk), request(desk.url)
    at = first.index("e", 20)
    click_character(desk, at)
    expect(desk.locator("#cut")).to_be_visible()
    assert desk.locator("[data-cut-before]").text_content() == f"…{('So ' + first[:at])[-40:]}"
    desk.get_by_role("button", name="Write on from here").click()
    desk.wait_for_url(lambda url: request(url) not in ("", number))
    is_over(desk)
    assert desk.locator(".passage .opening").text_content() == "So " + first[:at]
    assert len(written(desk)) == 120
    desk.get_by_role("link", name="Undo the cut").click()
    desk.wait_for_url(lambda url: request(url) == number)
    assert written(desk) == first


def test_what_else_it_thought_of_is_shown_and_can_be_picked(desk: Page) -> None:
    write(desk, prompt="", length="80", seed="3")
    is_over(desk)
    first, number = written(desk), request(desk.url)
    at = next(place for place in range(20, 80) if first[place].isalpha())  # one cannot click at a line's end
    click_character(desk, at)
    others = desk.locator("[data-cut-others] button")
    expect(others).to_have_count(5)
    shares = [float(text.rsplit(" ", 1)[-1].rstrip("%")) for text in others.all_text_contents()]
    assert shares == sorted(shares, reverse=True) and 0 < sum(shares) <= 100.5
    other = desk.locator("[data-cut-others] button:not([aria-current])").first
    picked = other.get_attribute("data-go-on") or ""
    other.click()
    desk.wait_for_url(lambda url: request(url) not in ("", number))
    is_over(desk)
    assert desk.locator(".passage .opening").text_content() == first[:at] + picked


def test_the_arrow_keys_move_the_cut(desk: Page) -> None:
    write(desk, length="60", seed="3")
    is_over(desk)
    text = desk.locator("[data-text]").first
    text.focus()
    for _ in range(3):
        text.press("ArrowLeft")
    kept = f"…{written(desk)[:57][-40:]}"
    wait_for(lambda: desk.locator("[data-cut-before]").text_content() == kept)
    text.press("Escape")
    expect(desk.locator("#cut")).to_be_hidden()


def test_its_surprise_is_shown_in_colours(desk: Page) -> None:
    write(desk, length="300", seed="3")
    is_over(desk)
    switch = desk.get_by_role("button", name="Show its surprise")
    switch.click()
    wait_for(lambda: desk.evaluate("[1, 2, 3, 4].some((n) => CSS.highlights.get(`surprise-${n}`)?.size)"))
    expect(desk.locator("[data-legend]")).to_be_visible()
    switch.click()
    wait_for(lambda: desk.evaluate("[1, 2, 3, 4].every((n) => CSS.highlights.get(`surprise-${n}`).size === 0)"))


def test_the_settings_follow_into_the_address(desk: Page) -> None:
    desk.locator("[name=temperature]").fill("0.35")
    desk.locator("[name=unit]").select_option("paragraph")
    expect(desk.locator("[name=length]")).to_be_disabled()
    desk.wait_for_url("**unit=paragraph**")
    desk.reload()
    expect(desk.locator("[name=temperature]")).to_have_value("0.35")
    expect(desk.locator("[name=unit]")).to_have_value("paragraph")


def test_words_are_counted_and_a_paragraph_ends(desk: Page) -> None:
    write(desk, unit="words", length="12", prompt="The ", temperature="0.5", seed="7")
    is_over(desk)
    assert len(written(desk).split()) == 12
    write(desk, unit="paragraph", prompt="The ", seed="7")
    is_over(desk)
    assert written(desk) and "\n\n" not in written(desk).strip("\n")


def test_several_passages_stand_side_by_side_and_each_is_another(desk: Page) -> None:
    desk.set_viewport_size({"width": 1400, "height": 900})
    write(desk, passages="2", length="200")
    is_over(desk)
    boxes = [box for box in (sheet.bounding_box() for sheet in desk.locator(".sheet").all()) if box]
    assert boxes[0]["y"] == boxes[1]["y"] and boxes[0]["x"] < boxes[1]["x"]
    assert len(set(desk.locator("[data-text]").all_text_contents())) == 2


def test_a_text_that_goes_in_circles_says_so_and_what_helps(desk: Page) -> None:
    write(desk, temperature="0", length="600", prompt="the ")
    is_over(desk)
    expect(desk.get_by_text("It goes round in circles")).to_be_visible()
    desk.get_by_text("More control").click()
    write(desk, temperature="0", length="600", prompt="the ", penalty="1.5")
    is_over(desk)
    expect(desk.get_by_text("It goes round in circles")).to_be_hidden()


def test_it_works_without_scripts(browser: Browser, operator: Operator, model: str) -> None:
    page = open_page(browser, operator.product, java_script_enabled=False)
    enter(page, operator, OWNER)
    page.goto(model)
    expect(page.locator("#status .badge")).to_have_text("finished")
    page.get_by_role("link", name="Read what it writes").click()
    page.get_by_role("link", name="Its last lines").click()
    page.locator("[name=length]").fill("60")
    page.get_by_role("button", name="Write", exact=True).click()
    # the page polls again by itself
    expect(page.locator("[data-text]")).to_have_text(re.compile(".{20,}", re.DOTALL))
    page.close()


@pytest.mark.parametrize("width", [390, 1280])
def test_no_page_is_wider_than_the_screen_and_none_complains(
    page: Page, operator: Operator, model: str, width: int
) -> None:
    page.set_viewport_size({"width": width, "height": 800})
    enter(page, operator, OWNER)
    number = model.rstrip("/").rsplit("/", 1)[-1]
    for address in (model, f"/passages/write/{number}/", "/models/", "/passages/", "/corpora/", "/"):
        page.goto(address)
        check_width(page)


def test_a_copied_run_of_blanks_is_quoted_within_the_page(page: Page, operator: Operator, model: str) -> None:
    page.set_viewport_size({"width": 390, "height": 800})
    enter(page, operator, OWNER)
    number = int(model.rstrip("/").rsplit("/", 1)[-1])
    key = operator.product.call("copy_into_a_passage", study=number, text="fear.\n" + " " * 80)
    page.goto("/passages/")
    page.get_by_role("link", name="fear.").first.click()
    own = page.locator("[data-copied]")
    expect(own).to_contain_text(f"It has 86 characters: “fear.⏎{'␣' * 53}…”")
    check_width(page)
    page.goto(f"/shared/{key}/")
    expect(page.locator("footer")).to_contain_text("It has 86 characters: “fear.⏎␣␣")
    check_width(page)
