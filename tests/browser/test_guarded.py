"""The content security policy in a browser, which no page breaks; and the page for an upload that is too large."""

from playwright.sync_api import Browser, Page, expect

from tests.support.browsing import PASSWORD, enter, enter_at_corpus, log_in, open_page, sign_up, upload
from tests.support.product import Product
from tests.support.site_operator import Operator

_PAGES = (
    "/",
    "/corpora/",
    "/corpora/new/",
    "/models/",
    "/passages/",
    "/passages/compare/",
    "/accounts/",
    "/accounts/email/",
    "/accounts/password/change/",
    "/accounts/delete/",
    "/accounts/deleted/",
    "/accounts/logout/",
)


def test_inline_code_does_not_run(browser: Browser, site: Product) -> None:
    page = open_page(browser, site)
    page.goto("/accounts/login/")
    ran = page.evaluate(
        """async () => {
      const violated = new Promise(done => document.addEventListener("securitypolicyviolation", () => done(true)));
      const script = document.createElement("script");
      script.textContent = "window.hasRun = true";
      document.body.append(script);
      return [await violated, window.hasRun === undefined];
    }"""
    )
    page.close()
    assert ran == [True, True]


def test_no_page_is_against_the_policy(page: Page, operator: Operator) -> None:
    """The fixture fails on messages in the console. Charts and streams are in tests/browser/test_whole_path.py."""
    enter_at_corpus(page, operator, "guarded")
    page.get_by_role("main").get_by_role("link", name="Train", exact=True).click()
    for path in _PAGES:
        page.goto(path)
        expect(page.locator("h1")).to_be_visible()


def test_a_paste_over_the_limit_is_refused_in_a_sentence_and_is_still_there(
    browser: Browser, operator: Operator
) -> None:
    page = open_page(browser, operator.product)  # the console reports the refusal
    enter(page, operator, "verbose")
    page.goto("/corpora/new/")
    page.locator("[name=pasted]").evaluate(  # 4 MB, whose layout would take seconds
        "area => { area.hidden = true; area.value = 'A line of it.\\n'.repeat(300_000); area.form.requestSubmit(); }"
    )
    expect(page.locator("[data-too-large]")).to_be_visible()
    assert page.locator("[name=pasted]").input_value().startswith("A line of it.")
    page.close()


def test_after_logging_out_the_back_button_shows_nothing(page: Page) -> None:
    sign_up(page, "careful")
    upload(page, "private.txt")
    page.goto("/accounts/logout/")
    page.get_by_role("main").get_by_role("button").click()
    page.wait_for_url("**/accounts/login/**")
    page.go_back()
    page.go_back()
    expect(page.get_by_role("heading", name="private", exact=True)).to_have_count(0)
    log_in(page, "careful")
    assert PASSWORD not in page.content()
