"""The deletion of an account in a browser, while a training runs and another window is open."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.support.browsing import PASSWORD, SMALL, choose_training, log_in, open_page, sign_up, upload
from tests.support.product import Product, slowed
from tests.support.site_operator import Operator
from tests.support.waiting import wait_for

NAME = "leaving"


@pytest.fixture
def phone(browser: Browser, site: Product) -> Iterator[Page]:
    """Return a narrow page in dark colours, without scripts."""
    page = open_page(
        browser, site, viewport={"width": 390, "height": 844}, color_scheme="dark", java_script_enabled=False
    )
    yield page
    page.close()


def fits(page: Page) -> bool:
    return bool(page.locator("html").evaluate("root => root.scrollWidth <= root.clientWidth"))


def test_the_account_is_deleted_by_a_phone_while_its_training_runs(page: Page, phone: Page, operator: Operator) -> None:
    sign_up(page, NAME)
    upload(page)
    choose_training(page, epochs="4000", name="Banquo", **SMALL)
    page.get_by_role("button", name="Train", exact=True).click()
    with slowed(operator.product, "trainer train", since=operator.is_learning):
        expect(page.locator("#status progress[value]")).to_be_visible()
        study = operator.newest()
        log_in(phone, NAME)
        leave(phone)
    wait_for(lambda: not operator.trainers(study))
    assert not operator.rows("SELECT 1 FROM studies_study WHERE id = ?", study)
    page.wait_for_url("**/accounts/login/**")  # where the other window was led
    page.locator("[name=login]").fill(NAME)
    page.locator("[name=password]").fill(PASSWORD)
    page.locator("[name=password]").press("Enter")
    expect(page.locator(".errorlist")).to_be_visible()


def leave(page: Page) -> None:
    page.goto("/accounts/")
    page.get_by_role("link", name="Delete this account").click()
    main = page.get_by_role("main")
    expect(main).to_contain_text("1 corpus")
    expect(main).to_contain_text("1 model")
    expect(main).to_contain_text("1 training is under way: it is stopped.")
    assert fits(page)
    give(page, "a guess")
    expect(page.locator(".errorlist")).to_be_visible()
    give(page, PASSWORD)
    expect(page.get_by_role("heading", name="The account is deleted")).to_be_visible()
    assert fits(page)
    page.goto("/accounts/")
    page.wait_for_url("**/accounts/login/**")


def give(page: Page, password: str) -> None:
    page.get_by_label("Current password").fill(password)
    page.get_by_role("button", name="Delete this account").click()
