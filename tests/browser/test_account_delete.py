"""The deletion of an account in a browser, while a training runs and another window is open."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.support.browsing import PASSWORD, SMALL, choose_training, log_in, open_page, sign_up, upload
from tests.support.product import Product, files_below
from tests.support.site_operator import Operator
from tests.support.waiting import wait_for

NAME = "leaving"
WAITING = {"recipe": "quick", "steps": 100_000, "units": 16, "layers": 1, "batch": 8, "sequence": 16}


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
    expect(page.locator("#status")).to_be_visible()
    study = operator.newest()
    waiting = operator.submit(WAITING, owner=NAME)
    with operator.under_way(study):
        expect(page.locator("#status progress[value]")).to_be_visible()
        texts = [*texts_of(operator, study), *texts_of(operator, waiting)]
        assert all(text.exists() for text in texts) and operator.trainers(study)
        log_in(phone, NAME)
        leave(phone)
    nothing_is_left(operator, study, texts)
    nothing_is_left(operator, waiting, texts)
    page.wait_for_url("**/accounts/login/**")  # where the other window was led
    page.locator("[name=login]").fill(NAME)
    page.locator("[name=password]").fill(PASSWORD)
    page.locator("[name=password]").press("Enter")
    expect(page.locator(".errorlist")).to_be_visible()


def texts_of(operator: Operator, study: int) -> list[Path]:
    """Return the files of the texts that a study was submitted with."""
    stored = operator.product.data / "files"
    return [stored / Path(document["key"]) for document in json.loads(operator.study(study)["documents"])]


def nothing_is_left(operator: Operator, study: int, texts: list[Path]) -> None:
    """Wait until neither a process nor a file nor a row is left of a study. The tests after this one train on."""
    wait_for(lambda: not operator.trainers(study))
    wait_for(lambda: not (operator.work / "trainings" / str(study)).exists())
    folder = operator.product.data / "files" / "studies" / str(study)
    wait_for(lambda: not files_below(folder))
    assert not any(text.exists() for text in texts)
    for table in ("studies_study", "jobs_job", "studies_historypoint"):
        column = "id" if table == "studies_study" else "study_id"
        assert not operator.rows(f"SELECT 1 FROM {table} WHERE {column} = ?", study)


def leave(page: Page) -> None:
    page.goto("/accounts/")
    page.get_by_role("link", name="Delete this account").click()
    main = page.get_by_role("main")
    expect(main).to_contain_text("2 corpora")
    expect(main).to_contain_text("2 models")
    expect(main).to_contain_text("1 training is under way: it is stopped.")
    expect(main).to_contain_text("1 training waits in the queue: it is taken out.")
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
