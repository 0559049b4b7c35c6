"""The choice of a recipe in a browser: fixed fields are disabled, and a double click trains once."""

from playwright.sync_api import Browser, Page, expect

from tests.support.browsing import SMALL, choose_training, enter_at_corpus, open_page
from tests.support.product import frozen
from tests.support.site_operator import Operator


def test_what_the_tutorial_fixes_rests_while_it_is_chosen(page: Page, operator: Operator) -> None:
    enter_at_corpus(page, operator, "recipe-reader")
    choose_training(page)
    page.get_by_label("100 epochs").check()
    expect(page.locator("#recipe-tutorial")).to_be_checked()
    expect(page.locator("[name=layers]")).to_be_disabled()
    for name in ("epochs", "level", "cell"):
        expect(page.locator(f"[name={name}]")).to_be_enabled()
    page.locator("#recipe-best").check()
    expect(page.locator("[name=layers]")).to_be_enabled()


def test_a_double_click_queues_one_training_which_can_be_taken_out_again(page: Page, operator: Operator) -> None:
    enter_at_corpus(page, operator, "double-clicker")
    choose_training(page, epochs="1", **SMALL)
    with frozen(operator.product, "-Q train"):
        page.get_by_role("button", name="Train", exact=True).dblclick()
        expect(page.locator("#status")).to_be_visible()
        page.get_by_role("button", name="Take it out of the queue").click()
        expect(page.locator("#status .badge")).to_have_text("stopped")
    page.goto("/models/")
    expect(page.locator(".row-title")).to_have_count(1)


def test_a_wrong_choice_is_shown_where_it_was_made(browser: Browser, operator: Operator) -> None:
    page = open_page(browser, operator.product)  # the console reports the 422, as expected
    enter_at_corpus(page, operator, "chooser")
    choose_training(page, minutes="1", epochs="2")
    with page.expect_response(lambda response: response.request.method == "POST") as waiting:
        page.get_by_role("button", name="Train", exact=True).click()
    assert waiting.value.status == 422
    expect(page.get_by_role("alert")).to_contain_text("Choose one budget")
    expect(page.locator("[name=epochs]")).to_be_visible()
    page.close()
