"""What the browser itself says about an upload, and that the form needs no scripts."""

from pathlib import Path

from playwright.sync_api import Browser, Page, expect

from tests.browsing import TEXT, open_page, sign_up, upload
from tests.product import Product


def test_too_much_is_said_before_it_is_sent_and_taking_less_mends_it(page: Page, tmp_path: Path) -> None:
    sign_up(page, "hoarder")
    page.goto("/corpora/new/")
    large, small = tmp_path / "large.txt", tmp_path / "small.txt"
    large.write_text("A line of it.\n" * 1_500_000)  # 21 MB
    small.write_text(TEXT)
    documents, add = page.locator("[name=documents]"), page.get_by_role("button", name="Add", exact=True)
    documents.set_input_files(large)
    expect(page.get_by_role("alert")).to_contain_text("more than 20 MB")
    expect(page.locator("[data-picked]")).to_contain_text("large.txt, 21.0 MB")
    expect(add).to_be_disabled()
    documents.set_input_files(small)
    expect(page.get_by_role("alert")).to_be_hidden()
    expect(page.get_by_label("Name")).to_have_attribute("placeholder", "small")
    add.click()
    expect(page.get_by_role("heading", name="small", exact=True)).to_be_visible()


def test_a_file_can_be_dropped_anywhere_on_the_page(page: Page) -> None:
    sign_up(page, "clumsy")
    page.goto("/corpora/new/")
    page.evaluate(
        """text => {
      const data = new DataTransfer();
      data.items.add(new File([text], "beside.txt"));
      window.drag = kind => document.querySelector("h1").dispatchEvent(
        new DragEvent(kind, {dataTransfer: data, bubbles: true, cancelable: true}));
      window.drag("dragover");
    }""",
        TEXT,
    )
    expect(page.locator(".drop.aimed-at")).to_have_css("font-variant-caps", "normal")  # the letters stay as they are
    page.evaluate("drag('drop')")
    expect(page.locator("[data-picked]")).to_contain_text("beside.txt")


def test_the_form_works_without_scripts(browser: Browser, site: Product) -> None:
    page = open_page(browser, site, java_script_enabled=False)
    sign_up(page, "plain")
    upload(page)
    page.get_by_role("button", name="Lower-case everything").click()
    expect(page.get_by_role("main")).to_contain_text("lower case")
    page.close()
