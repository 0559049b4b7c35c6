"""Bringing a text in a browser: dropped or pasted."""

from playwright.sync_api import Page, expect

from tests.browsing import TEXT, sign_up

DROP = """text => {
  const data = new DataTransfer();
  data.items.add(new File([text], "dropped.txt", {type: "text/plain"}));
  const drop = document.querySelector("[data-drop]");
  for (const kind of ["dragover", "drop"])
    drop.dispatchEvent(new DragEvent(kind, {dataTransfer: data, bubbles: true, cancelable: true}));
}"""


def test_a_dropped_file_becomes_a_corpus(page: Page) -> None:
    sign_up(page, "dropper")
    page.goto("/corpora/new/")
    page.evaluate(DROP, TEXT)
    expect(page.locator("[data-picked]")).to_contain_text("dropped.txt")
    page.get_by_role("button", name="Add", exact=True).click()
    expect(page.get_by_role("heading", name="dropped", exact=True)).to_be_visible()


def test_a_pasted_text_becomes_a_corpus(page: Page) -> None:
    sign_up(page, "paster")
    page.goto("/corpora/new/")
    page.get_by_label("paste a text").fill(TEXT)
    page.locator("[name=name]").fill("Pasted by hand")
    page.get_by_role("button", name="Add", exact=True).click()
    expect(page.get_by_role("heading", name="Pasted by hand", exact=True)).to_be_visible()
    expect(page.get_by_role("main")).to_contain_text(f"{len(TEXT):,}")
