"""The command `speed`: how fast this machine trains, which workers announce."""

from tests.trainer.conftest import trainer
from trainer.contract import events
from trainer.contract.events import SpeedMeasured
from trainer.contract.pace import REFERENCE


def test_it_measures_the_network_of_reference() -> None:
    done = trainer("speed", "--json")
    (measured,) = map(events.read, done.events)
    assert isinstance(measured, SpeedMeasured) and measured.chars_per_s > 100 and measured.device


def test_people_are_told_of_what_network_it_is() -> None:
    done = trainer("speed", "--threads", 1)
    assert done.code == 0 and "characters per second on" in done.output and REFERENCE in done.output
