"""Single sign-on in a browser, which holds the form and its redirect to the content security policy."""

from playwright.sync_api import Page, expect

from tests.support.oidc_provider import Provider


def test_a_button_leads_to_the_provider_and_back(page: Page, globe: Provider) -> None:
    globe.person = {"sub": "b-1", "preferred_username": "bottom"}
    page.goto("/corpora/")
    page.get_by_role("button", name="Continue with the Globe").click()
    expect(page.get_by_role("heading", name="Corpora")).to_be_visible()  # where the visitor wanted to go
    page.goto("/accounts/")
    expect(page.get_by_role("heading", name="bottom")).to_be_visible()
    page.get_by_role("link", name="Single sign-on").click()
    expect(page.get_by_role("main")).to_contain_text("You can log in here with the Globe.")
