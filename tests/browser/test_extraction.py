"""The page of an extraction in a browser, with the real worker: it follows, stops, and survives a worker's death."""

from collections.abc import Mapping

from playwright.sync_api import Browser, FilePayload, Page, expect

from tests.support.browsing import TEXT, check_width, enter, open_page
from tests.support.documents import a_pdf, a_word_document
from tests.support.product import frozen
from tests.support.site_operator import Operator
from tests.support.waiting import wait_for

WORD = a_word_document("A title", [TEXT])


def send(page: Page, contents: Mapping[str, bytes]) -> None:
    page.goto("/corpora/new/")
    files: list[FilePayload] = [
        {"name": name, "mimeType": "application/octet-stream", "buffer": data} for name, data in contents.items()
    ]
    page.locator("[name=documents]").set_input_files(files)
    page.get_by_role("button", name="Add", exact=True).click()


def test_files_that_wait_are_stopped_on_their_page(page: Page, operator: Operator) -> None:
    enter(page, operator, "undecided")
    page.set_viewport_size({"width": 390, "height": 844})
    with frozen(operator.product, "-Q extract"):
        send(page, {f"a chapter with a long name {n}.docx": WORD for n in range(3)})
        expect(page.get_by_text("Next in the queue.")).to_be_visible()
        page.get_by_text("3 files").click()
        expect(page.get_by_text("a chapter with a long name 2.docx")).to_be_visible()
        check_width(page)
        page.get_by_role("button", name="Stop").click()
        expect(page.get_by_text("Stopped. Nothing was added.")).to_be_visible()
    page.get_by_role("link", name="To your corpora").click()
    expect(page.get_by_text("No texts yet.")).to_be_visible()


def test_a_worker_that_is_killed_while_it_reads_costs_nothing_and_the_page_leads_on(
    page: Page, operator: Operator
) -> None:
    enter(page, operator, "steadfast")
    lines = [line[:90] for line in TEXT.splitlines() if line.strip()][:45]
    book = a_pdf([[(72, 780 - 16 * n, 10, line) for n, line in enumerate(lines)]] * 400)
    send(page, {"book.pdf": book})
    wait_for(lambda: operator.processes("-m webapp.extraction"))
    assert operator.kill("-Q extract")
    expect(page.get_by_role("heading", name="book", exact=True)).to_be_visible()
    expect(page.get_by_text("is ready to train on.")).to_be_visible()
    (job,) = operator.rows("SELECT attempt, state FROM jobs_job WHERE kind = 'extract' ORDER BY id DESC LIMIT 1")
    assert tuple(job) == (2, "succeeded")
    owner = "SELECT id FROM accounts_user WHERE username = 'steadfast'"
    assert len(operator.rows(f"SELECT id FROM corpora_corpus WHERE owner_id = ({owner})")) == 1


def test_without_scripts_the_page_leads_on_too(browser: Browser, operator: Operator) -> None:
    page = open_page(browser, operator.product, java_script_enabled=False)
    enter(page, operator, "austere")
    send(page, {"letters.docx": WORD})
    expect(page.get_by_role("heading", name="letters", exact=True)).to_be_visible()
    expect(page.get_by_text("is ready to train on.")).to_be_visible()
    page.close()
