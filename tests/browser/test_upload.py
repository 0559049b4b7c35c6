"""The upload form in a browser: the page itself reports problems, and the form also works without scripts."""

from pathlib import Path

from playwright.sync_api import Browser, FilePayload, Page, Route, expect

from tests.support.browsing import TEXT, check_width, enter, open_page, sign_up, upload
from tests.support.documents import a_word_document
from tests.support.factory import PDF
from tests.support.product import Product
from tests.support.site_operator import Operator


def test_too_much_is_said_before_it_is_sent_and_taking_less_mends_it(
    page: Page, operator: Operator, tmp_path: Path
) -> None:
    enter(page, operator, "hoarder")
    page.goto("/corpora/new/")
    large, small = tmp_path / "large.txt", tmp_path / "small.txt"
    large.write_text("A line of it.\n" * 150_000)  # 2.1 MB
    small.write_text(TEXT)
    documents, add = page.locator("[name=documents]"), page.get_by_role("button", name="Add", exact=True)
    documents.set_input_files(large)
    expect(page.get_by_role("alert")).to_contain_text("more than 2 MB")
    expect(page.locator("[data-picked]")).to_contain_text("large.txt, 2.1 MB")
    expect(add).to_be_disabled()
    documents.set_input_files(small)
    expect(page.get_by_role("alert")).to_be_hidden()
    expect(page.get_by_label("Name")).to_have_attribute("placeholder", "small")
    add.click()
    expect(page.get_by_role("heading", name="small", exact=True)).to_be_visible()


def test_a_file_can_be_dropped_anywhere_on_the_page(page: Page, operator: Operator) -> None:
    enter(page, operator, "clumsy")
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
    expect(page.locator(".drop.aimed-at")).to_have_css("font-variant-caps", "normal")  # the letters are not changed
    page.evaluate("drag('drop')")
    expect(page.locator("[data-picked]")).to_contain_text("beside.txt")


def test_a_folder_can_be_dropped_and_its_files_come_in_the_order_of_their_names(
    page: Page, operator: Operator, tmp_path: Path
) -> None:
    enter(page, operator, "tidy")
    page.goto("/corpora/new/")
    for name in ("10.txt", "9.txt", "below/11.docx", "below/9.txt", ".hidden"):
        (tmp_path / "poems" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "poems" / name).write_bytes(a_word_document("A title", [TEXT]) if "docx" in name else TEXT.encode())
    drag = {"items": [], "files": [str(tmp_path / "poems")], "dragOperationsMask": 1}
    session = page.context.new_cdp_session(page)
    for kind in ("dragEnter", "dragOver", "drop"):
        session.send("Input.dispatchDragEvent", {"type": kind, "x": 200, "y": 200, "data": drag})
    expect(page.locator("[data-picked] li bdi")).to_have_text(
        ["poems – 9.txt", "10.txt", "poems – below – 9.txt", "11.docx"]  # those of one name are called by their paths
    )
    page.get_by_role("button", name="Add", exact=True).click()
    expect(page.get_by_role("heading", name="Its 4 documents")).to_be_visible()
    expect(page.get_by_role("main")).to_contain_text("Word document")


def test_the_page_says_how_far_the_upload_is_and_keeps_the_files_when_it_fails(
    browser: Browser, operator: Operator
) -> None:
    page = open_page(browser, operator.product)  # a request that fails is an error in its console
    enter(page, operator, "patient")
    page.goto("/corpora/new/")
    held: list[Route] = []
    page.route("**/corpora/new/", lambda route: held.append(route))
    page.locator("[name=documents]").set_input_files(files(("one.txt", TEXT.encode())))
    add = page.get_by_role("button", name="Add", exact=True)
    add.click()
    expect(page.get_by_text("The files are being sent.")).to_be_visible()
    expect(add).to_be_disabled()
    held.pop().abort()
    expect(page.get_by_role("alert")).to_contain_text("The files did not arrive")
    expect(page.get_by_text("The files are being sent.")).to_be_hidden()
    expect(page.locator("[data-picked]")).to_contain_text("one.txt")
    page.unroute("**/corpora/new/")
    add.click()
    expect(page.get_by_role("heading", name="one", exact=True)).to_be_visible()
    page.close()


def test_a_form_that_was_refused_comes_back_with_its_sentences_and_works(page: Page, operator: Operator) -> None:
    enter(page, operator, "refused")
    page.goto("/corpora/new/")
    documents, add = page.locator("[name=documents]"), page.get_by_role("button", name="Add", exact=True)
    documents.set_input_files(files(("empty.txt", b"")))
    page.get_by_label("Name").fill("My play")
    add.click()
    expect(page.locator(".left-out li")).to_contain_text("The file is empty")
    expect(page.get_by_label("Name")).to_have_value("My play")
    documents.set_input_files(files(("one.txt", TEXT.encode())))
    expect(page.locator("[data-picked]")).to_contain_text("one.txt")
    add.click()
    expect(page.get_by_role("heading", name="My play", exact=True)).to_be_visible()


def test_the_original_is_downloaded_and_a_table_is_read_from_another_column(page: Page, operator: Operator) -> None:
    enter(page, operator, "archivist")
    page.goto("/corpora/new/")
    table = ("id,title,text\n" + "".join(f"{n},Title {n},A longer text {n}\n" for n in range(60))).encode()
    page.locator("[name=documents]").set_input_files(files(("all.csv", table)))
    page.get_by_role("button", name="Add", exact=True).click()
    page.get_by_role("link", name="all.csv", exact=True).click()
    with page.expect_download() as download:
        page.get_by_role("link", name="Download the original file").click()
    assert (download.value.suggested_filename, download.value.path().read_bytes()) == ("all.csv", table)
    page.get_by_label("Column").select_option("title")
    page.get_by_role("button", name="Read this column").click()
    expect(page.get_by_text("The text was extracted again.")).to_be_visible()
    expect(page.locator(".passage")).to_contain_text("Title 0")
    page.set_viewport_size({"width": 390, "height": 844})
    check_width(page)


def test_the_form_works_without_scripts(browser: Browser, site: Product) -> None:
    page = open_page(browser, site, java_script_enabled=False)
    sign_up(page, "plain")
    upload(page)
    page.get_by_role("button", name="Lower-case everything").click()
    expect(page.get_by_role("main")).to_contain_text("lower case")
    page.close()


def files(*contents: tuple[str, bytes]) -> list[FilePayload]:
    return [{"name": name, "mimeType": "text/plain", "buffer": content} for name, content in contents]


def test_of_good_and_bad_files_the_good_ones_are_kept_and_a_mended_one_is_added(page: Page, operator: Operator) -> None:
    enter(page, operator, "hasty")
    page.goto("/corpora/new/")
    page.locator("[name=documents]").set_input_files(
        files(("one.txt", TEXT.encode()), ("empty.txt", b""), ("scan.txt", PDF))
    )
    page.get_by_role("button", name="Add", exact=True).click()
    expect(page.get_by_role("heading", name="one", exact=True)).to_be_visible()
    left_out = page.locator(".left-out li")
    expect(left_out).to_have_count(2)
    expect(left_out.nth(0)).to_contain_text("empty.txt")
    expect(left_out.nth(1)).to_contain_text("The PDF is damaged")
    page.reload()
    expect(left_out).to_have_count(2)
    page.locator("[name=documents]").set_input_files(files(("scan.txt", b"The same, as text. " * 100)))
    page.get_by_role("button", name="Add", exact=True).click()
    expect(page.get_by_role("heading", name="Its 2 documents")).to_be_visible()
    expect(left_out).to_have_count(0)


def test_too_many_files_are_told_before_they_are_sent(page: Page, operator: Operator) -> None:
    enter(page, operator, "collector")
    page.goto("/corpora/new/")
    documents, add = page.locator("[name=documents]"), page.get_by_role("button", name="Add", exact=True)
    expect(page.get_by_text("up to 100 files and 2 MB at a time")).to_be_visible()
    documents.set_input_files(files(*[(f"{n}.txt", b"x") for n in range(101)]))
    expect(page.get_by_role("alert")).to_contain_text(
        "More than 100 files cannot be added at a time: pack them into a ZIP archive"
    )
    expect(add).to_be_disabled()
    documents.set_input_files(files(*[(f"{n}.txt", b"x") for n in range(100)]))
    expect(page.get_by_role("alert")).to_be_hidden()
    expect(add).to_be_enabled()


def test_a_file_whose_name_cannot_be_seen_is_listed_by_its_number_and_its_link_works(
    page: Page, operator: Operator
) -> None:
    enter(page, operator, "nameless")
    page.goto("/corpora/new/")
    page.locator("[name=documents]").set_input_files(files(("   .txt", TEXT.encode())))
    expect(page.locator("[data-picked]")).to_contain_text("file 1.txt")
    page.get_by_role("button", name="Add", exact=True).click()
    page.get_by_role("link", name="file 1.txt", exact=True).click()
    expect(page.get_by_role("heading", name="file 1.txt", exact=True)).to_be_visible()


def test_without_scripts_all_that_is_bad_is_named_and_what_was_typed_stands(
    browser: Browser, operator: Operator
) -> None:
    page = open_page(browser, operator.product, java_script_enabled=False)
    enter(page, operator, "bare")
    page.goto("/corpora/new/")
    page.locator("[name=documents]").set_input_files(files(("empty.txt", b""), ("program.txt", bytes(2000))))
    page.locator("[name=name]").fill("My play")
    page.get_by_role("button", name="Add", exact=True).click()
    expect(page.locator(".left-out li")).to_have_count(2)
    expect(page.locator("[name=name]")).to_have_value("My play")
    page.close()
