"""How tests wait: for an event, however long it takes here. The time limit only ends what has gone wrong."""

from webapp.launch.trial import PATIENCE, wait_for

__all__ = ["GENEROUS", "GENEROUS_MS", "wait_for"]

GENEROUS = PATIENCE  # seconds: on any machine, a test that passes needs a small part of it
GENEROUS_MS = 1000 * GENEROUS  # as browsers count
