"""Voices in a browser, with a model that has really learned two."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import OWNER
from tests.support.browsing import SMALL, TEXT, check_width, enter
from tests.support.site_operator import Operator


@pytest.fixture
def desk(page: Page, operator: Operator) -> Page:
    """Return the page on which a model with two voices writes."""
    recipe = {"recipe": "quick", "epochs": 2, "voices": True, **{name: int(value) for name, value in SMALL.items()}}
    texts = {"Emma.txt": TEXT[:6_000], "Ulysses.txt": TEXT[6_000:12_000].upper()}
    study = operator.submit_on_documents(texts, OWNER, {"Two authors": recipe})[0]
    operator.wait_for_state(study, "succeeded")
    enter(page, operator, OWNER)
    page.goto(f"/passages/write/{study}/")
    page.wait_for_load_state()
    return page


def test_sliders_add_up_to_a_hundred_and_what_they_say_is_written(desk: Page) -> None:
    first, second = desk.get_by_label("Emma"), desk.get_by_label("Ulysses")
    expect(first).to_have_value("50")
    slider = desk.locator(".field", has=second).locator("[type=range]")
    slider.fill("80")
    expect(second).to_have_value("80")
    expect(first).to_have_value("20")
    first.fill("30")
    first.press("Tab")
    expect(slider).to_have_value("70")
    desk.wait_for_url("**voice_1=70**")
    check_width(desk)
    desk.locator("[name=length]").fill("80")
    desk.get_by_role("button", name="Write", exact=True).click()
    desk.wait_for_url("**request=**")
    expect(desk.locator("[data-stream]:not([data-poll])")).to_have_count(1)
    expect(desk.locator("[data-text]")).not_to_be_empty()
    expect(desk.locator(".sheet .row-facts")).to_contain_text("Ulysses 70 %, Emma 30 %")
    desk.reload()
    expect(second).to_have_value("70")
    address = desk.url
    study = address.partition("/write/")[2].partition("/")[0]
    for page, button in (("units", "Find units worth seeing"), ("memory", "Measure its memory")):
        desk.goto(f"/models/{study}/inside/{page}/")
        desk.get_by_label("Emma").fill("100")
        desk.get_by_label("Emma").press("Tab")
        desk.get_by_role("button", name=button).click()
        expect(desk.locator("main")).to_contain_text("Read in the voice of Emma")
    desk.goto(address)
    desk.get_by_role("link", name="Kept here").click()
    expect(desk.locator(".colophon")).to_contain_text(re.compile(r"Voice\s*Ulysses 70 %, Emma 30 %"))
