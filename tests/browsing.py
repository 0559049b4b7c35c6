"""What browser tests do again and again."""

from playwright.sync_api import Page, expect

from trainer.text import sample_text

PASSWORD = "an understudy knows the lines"
TEXT = sample_text()[:30_000]


def sign_up(page: Page, name: str) -> None:
    page.goto("/accounts/signup/")
    page.locator("[name=username]").fill(name)
    page.locator("[name=password1]").fill(PASSWORD)
    page.locator("[name=password1]").press("Enter")
    expect(page.get_by_role("heading", name=f"Good to see you, {name}.")).to_be_visible()


def log_in(page: Page, name: str) -> None:
    page.goto("/accounts/login/")
    page.locator("[name=login]").fill(name)
    page.locator("[name=password]").fill(PASSWORD)
    page.locator("[name=password]").press("Enter")
    page.wait_for_url("/")


def upload(page: Page, name: str = "the lines.txt", text: str = TEXT) -> None:
    """Add a text, and end on its page."""
    page.goto("/corpora/new/")
    page.locator("[name=documents]").set_input_files({"name": name, "mimeType": "text/plain", "buffer": text.encode()})
    page.get_by_role("button", name="Add", exact=True).click()
    expect(page.get_by_role("heading", name=name.removesuffix(".txt"), exact=True)).to_be_visible()


def choose_training(page: Page, **choices: str) -> None:
    """Go from a corpus to its recipe, and fill the advanced choices."""
    page.get_by_role("main").get_by_role("link", name="Train", exact=True).click()
    page.get_by_text("Advanced", exact=True).click()
    for name, value in choices.items():
        page.locator(f"[name={name}]").fill(value)
