"""Corpora in a browser: order and weights, editing, and a deletion after which nothing of a text is left anywhere."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.support.browsing import SMALL, check_width, enter, enter_at_corpus, open_page
from tests.support.product import Product, files_below
from tests.support.site_operator import Operator
from tests.support.texts import prose
from tests.support.waiting import wait_for

OWNER = "macduff"
SECRET = prose(4711, 20_000)
#: words that nobody else wrote, as bytes in each way in which a file may hold them
WORDS = sorted({word for word in re.findall(r"[a-z]{9}", SECRET)})[:12]
_LOOKED_FOR = re.compile(
    b"|".join(re.escape(word.encode(code)) for word in WORDS for code in ("utf-8", "utf-16-le", "utf-32-le"))
)


@pytest.fixture
def phone(browser: Browser, site: Product, operator: Operator) -> Iterator[Page]:
    """Return a narrow page without scripts, on which the owner is logged in."""
    page = open_page(browser, site, viewport={"width": 390, "height": 844}, java_script_enabled=False)
    enter(page, operator, OWNER)
    yield page
    page.close()


def test_documents_are_weighed_and_edited_on_a_phone(phone: Page, operator: Operator) -> None:
    phone.goto(operator.add_corpus(OWNER, prose(1, 3_000)))
    phone.locator("[name=pasted]").fill(prose(2, 3_000))
    phone.get_by_role("button", name="Add", exact=True).click()
    phone.get_by_role("link", name="Order and weights").click()
    phone.get_by_label("Weight: text.txt").fill("0.5")
    phone.get_by_label("Number: text.txt").fill("2")
    phone.get_by_role("button", name="Save").click()
    main = phone.get_by_role("main")
    expect(main).to_contain_text("read 0.5 times an epoch")
    expect(phone.locator(".document h3")).to_have_text(["Pasted text", "text.txt"])
    phone.get_by_role("link", name="text.txt").click()
    phone.get_by_role("link", name="Edit the text").click()
    phone.get_by_label("Text", exact=True).fill("Enter three witches.\n" + prose(1, 3_000))
    phone.get_by_role("button", name="Show what changes").click()
    expect(phone.locator("ins")).to_contain_text("Enter three witches.")
    phone.get_by_role("button", name="Go on editing").click()
    phone.get_by_role("button", name="Show what changes").click()
    phone.get_by_role("button", name="Save").click()
    expect(main).to_contain_text("Enter three witches.")


@pytest.mark.parametrize("width", [390, 1280])
def test_no_page_is_wider_than_the_screen(page: Page, operator: Operator, width: int) -> None:
    enter_at_corpus(page, operator, OWNER)
    page.set_viewport_size({"width": width, "height": 800})
    corpus, document = page.url, page.locator(".document h3 a").get_attribute("href")
    for address in (corpus, f"{corpus}arrange/", f"{corpus}take/", f"{corpus}delete/"):
        page.goto(address)
        check_width(page)
    for address in ("", "edit/", "delete/"):
        page.goto(f"{document}{address}")
        check_width(page)


def test_nothing_of_a_deleted_text_is_left_on_the_machine(page: Page, operator: Operator, site: Product) -> None:
    recipe = {"recipe": "quick", "epochs": 4, "seed": 5, **{name: int(value) for name, value in SMALL.items()}}
    (study,) = operator.submit_on(SECRET, OWNER, {"Secret": recipe})
    operator.wait_for_state(study, "succeeded")
    enter(page, operator, OWNER)
    shared = write_and_share(page, study)
    places = {path.parts[0].removesuffix("-wal") for path in kept(site, operator)}
    assert places == {"understudy.sqlite3", "files", "work"}
    page.goto(f"/models/{study}/")
    page.locator(".over a").click()
    page.locator(".document h3 a").click()
    page.get_by_role("link", name="Delete", exact=True).click()
    expect(page.get_by_role("main")).to_contain_text("Secret")
    page.get_by_label("Delete these models as well").check()
    page.get_by_role("button", name="Delete the document").click()
    expect(page.get_by_role("main")).to_contain_text("“text.txt” was deleted.")
    wait_for(lambda: not kept(site, operator), lambda: f"it is left in {kept(site, operator)}")
    assert page.request.get(shared).status == 404


def write_and_share(page: Page, study: int) -> str:
    """Let the model write on from the secret text, and share what it wrote. Return the link."""
    page.goto(f"/passages/write/{study}/")
    page.locator("[name=prompt]").fill(" ".join(WORDS))
    page.locator("[name=length]").fill("100")
    page.get_by_role("button", name="Write", exact=True).click()
    page.wait_for_url("**request=*")
    expect(page.locator("[data-stream]:not([data-poll])")).to_have_count(1)
    page.get_by_role("link", name="Kept here").click()
    page.get_by_role("button", name="Make a link").click()
    link = page.locator("#share-link").text_content() or ""
    assert page.request.get(link).status == 200
    return link


def kept(site: Product, operator: Operator) -> list[Path]:
    """Return where a word of the secret text stands: files below the data folder, and keys of the broker."""
    found = [path.relative_to(site.data) for path in files_below(site.data) if path.is_file() and _holds(path)]
    with operator.broker() as broker:
        keys = [key for key in broker.scan_iter() if _LOOKED_FOR.search(key + (broker.dump(key) or b""))]
    return [*found, *(Path("broker", key.decode(errors="replace")) for key in keys)]


def _holds(path: Path) -> bool:
    try:
        return _LOOKED_FOR.search(path.read_bytes()) is not None
    except FileNotFoundError:  # it was removed at this moment
        return False
