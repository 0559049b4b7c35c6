"""The control of a training in a browser: pause, resume, train further, and train again with changes."""

import re

from playwright.sync_api import Page, expect

from tests.support.browsing import SMALL, choose_training, enter_at_corpus
from tests.support.product import frozen, slowed
from tests.support.site_operator import Operator


def state(page: Page, word: str) -> None:
    expect(page.locator("#status .badge")).to_have_text(word)


def press(page: Page, name: str) -> None:
    page.get_by_role("button", name=name, exact=True).click()


def press_while_it_learns(page: Page, operator: Operator, name: str) -> None:
    """Press a button that stops the training, and wait until the trainer is asked to stop."""
    with slowed(operator.product, "trainer train", since=operator.is_learning):
        state(page, "running")
        expect(page.locator("#status progress[value]")).to_be_visible()
        with operator.asked_to_stop(operator.newest()):
            press(page, name)


def test_pause_go_on_train_further_and_again_with_changes(page: Page, operator: Operator) -> None:
    enter_at_corpus(page, operator, "conductor")
    choose_training(page, epochs="20", name="Banquo", **SMALL)
    press(page, "Train")
    press_while_it_learns(page, operator, "Pause")
    state(page, "paused")
    expect(page.locator("#status")).to_contain_text("It goes on from exactly here")
    page.reload()
    press(page, "Go on training")
    press_while_it_learns(page, operator, "Stop, and keep what it has learned")
    state(page, "stopped")
    press(page, "Go on training")
    state(page, "finished")
    page.get_by_role("link", name="Train further").click()
    page.get_by_label("How much longer").fill("2")
    page.get_by_label("Counted in").select_option("epochs")
    press(page, "Train further")
    state(page, "finished")
    expect(page.locator("#status")).to_contain_text("per character")
    with frozen(operator.product, "-Q train"):  # it is one more training as any other
        again_with_changes(page)


def again_with_changes(page: Page) -> None:
    page.get_by_role("link", name="Again with changes").click()
    expect(page.locator("[name=units]")).to_have_value("32")
    expect(page.locator("[name=epochs]")).to_have_value("20")
    page.locator("[name=epochs]").fill("1")
    page.locator("[name=name]").fill("Fleance")
    press(page, "Train")
    expect(page.get_by_role("heading", name="Fleance")).to_be_visible()
    press(page, "Take it out of the queue")
    state(page, "stopped")
    page.goto("/models/")
    expect(page.locator(".row-title")).to_have_text([re.compile("Fleance"), re.compile("Banquo")])
