"""The doctor in a browser: lines that change with the encoding, a switch, and a character that is written otherwise."""

from playwright.sync_api import FilePayload, Page, expect

from tests.support.browsing import check_width, enter
from tests.support.site_operator import Operator

LINES = '“Ça n’est pas été”, dit-elle à l’hôte – et "rien" de plus.\nIl était déjà là.\n' * 20 + "¶\n"


def test_the_doctor_shows_what_it_would_do_and_does_what_is_chosen(page: Page, operator: Operator) -> None:
    enter(page, operator, "patient")
    page.set_viewport_size({"width": 390, "height": 800})
    page.goto("/corpora/new/")
    file = FilePayload(name="lines.txt", mimeType="text/plain", buffer=LINES.encode("cp1252"))
    page.locator("[name=documents]").set_input_files(file)
    page.get_by_role("button", name="Add", exact=True).click()
    page.get_by_role("link", name="choose another one").click()
    lines, choice = page.locator(".odd-lines"), page.locator("[name=encoding]").first
    expect(lines).to_contain_text("Ça n’est pas été")
    choice.select_option("cp850")
    expect(lines).to_contain_text("Ãa nÆest pas ÚtÚ")
    choice.select_option("cp1252")
    expect(lines).to_contain_text("Ça n’est pas été")
    check_width(page)
    page.get_by_label("Make quotation marks one kind").check()
    rare = page.locator(".rare li", has_text="pilcrow sign")
    rare.locator("[type=text]").fill("|")
    expect(rare.locator("select")).to_have_value("write")
    page.get_by_role("button", name="Keep these choices").click()
    expect(page.get_by_role("status")).to_contain_text("The next training reads the text so.")
    expect(page.get_by_label("Make quotation marks one kind")).to_be_checked()
    page.get_by_role("link", name="lines", exact=True).click()
    page.get_by_role("heading", level=1, name="The doctor").wait_for()
    page.get_by_role("link", name="lines", exact=True).click()
    expect(page.locator(".excerpt")).to_contain_text('"Ça n’est pas été"')


def test_a_control_is_shown_where_it_stands_and_a_corpus_names_the_document_that_keeps_its_own(
    page: Page, operator: Operator
) -> None:
    enter(page, operator, "typist")
    page.set_viewport_size({"width": 390, "height": 800})
    page.goto("/corpora/new/")
    texts = {
        "terminal.txt": "$ \x1b[01;34mman\x1b[0m page\x0cA line that goes on\n",
        "plain.txt": "Plain lines\n",
    }
    several: list[FilePayload] = [
        FilePayload(name=name, mimeType="text/plain", buffer=(text * 60).encode()) for name, text in texts.items()
    ]
    page.locator("[name=documents]").set_input_files(several)
    page.get_by_role("button", name="Add", exact=True).click()
    page.get_by_role("link", name="Ask the doctor").click()
    controls = page.locator(".treatment", has_text="Remove control characters")
    expect(controls).to_contain_text("180 places")
    expect(controls).to_contain_text("On for all documents.")
    expect(controls.locator("del").first).to_have_text("[ESC][01;34m")
    check_width(page)
    page.get_by_role("link", name="terminal.txt").first.click()
    page.get_by_label("Remove control characters").uncheck()
    page.get_by_role("button", name="Keep these choices").click()
    expect(page.get_by_role("status")).to_contain_text("Kept.")
    page.locator(".over a").first.click()
    expect(controls).to_contain_text("Off in these documents, by their own choice: terminal.txt")
    check_width(page)


def test_places_of_a_text_from_right_to_left_are_shown_so(page: Page, operator: Operator) -> None:
    enter(page, operator, "scribe")
    page.goto("/corpora/new/")
    page.locator("[name=pasted]").fill("שלום עולם,  מה שלומך היום\n" * 60)
    page.get_by_role("button", name="Add", exact=True).click()
    page.get_by_role("link", name="Ask the doctor").click()
    place = page.locator(".treatment", has_text="Remove superfluous blanks").locator(".place p").first
    expect(place).to_have_css("direction", "rtl")
