"""The trained model that tests in a browser share, since a training takes longer than most of them."""

from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from playwright.sync_api import Browser

from tests.support.browsing import open_page, sign_up, train, upload
from tests.support.product import Product


@dataclass(frozen=True)
class TrainedModel:
    """A model that has learned something it can write with: whose it is, and the addresses of its text and its page."""

    owner: str
    corpus: str
    address: str


@pytest.fixture(scope="session")
def trained_model(browser: Browser, site: Product) -> Iterator[TrainedModel]:
    """Train a model on the site. A test may write with it, but has to leave it as it is."""
    page = open_page(browser, site)
    sign_up(page, "playwright")
    upload(page)
    corpus = page.url
    train(page, epochs="8", units="32")  # not minutes, in which a busy machine would learn nothing
    yield TrainedModel("playwright", corpus, page.url)
    page.close()
