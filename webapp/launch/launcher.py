"""The launcher of all parts on one machine. It starts them, restarts those that die, and stops them all."""

import math
import time
from pathlib import Path

from webapp.launch import checks
from webapp.launch.logs import cut
from webapp.launch.part_process import PartProcess, report
from webapp.launch.parts import Part
from webapp.launch.signals import SignalWaiter

_LOOK_SECONDS = 0.1  # between two checks whether the site answers, until it does
_CHECK_SECONDS = 5.0  # between two checks of heartbeats and of the sizes of logs
_BROKER_SECONDS = 5.0  # the longest wait for the broker; a worker that finds none tries again only after 2 s


class Launcher:
    """All parts of one data folder. The broker, if there is one, is the first to start and the last to stop."""

    def __init__(self, folder: Path, environment: dict[str, str], broker: Part | None, others: list[Part]) -> None:
        self.logs = folder / "logs"
        self.logs.mkdir(exist_ok=True)
        self._broker = [PartProcess(broker, environment, self.logs)] if broker else []
        self._others = [PartProcess(part, environment, self.logs) for part in others]
        self._signals = SignalWaiter()

    def run(self, host: str, port: int, address: str) -> None:
        """Keep everything alive until somebody asks to stop."""
        try:
            self._start_broker()
            self._keep_alive(host, port, address)
        finally:
            self._stop_all()

    def _start_broker(self) -> None:
        self._keep_running(self._broker)
        end = time.monotonic() + _BROKER_SECONDS
        while time.monotonic() < end and not self._signals.must_stop:
            if all(part.is_ready for part in self._broker):
                return
            self._signals.wait(_LOOK_SECONDS / 2)

    def _keep_alive(self, host: str, port: int, address: str) -> None:
        announced = False
        while not self._signals.must_stop:
            next_start = self._keep_running([*self._broker, *self._others])
            if not announced and checks.answers(host, port):
                announced = True
                report(f"\nUnderstudy is at {address}\nCtrl-C stops it. Logs are in {self.logs}.\n")
            cut(self.logs)
            self._signals.wait(min(next_start, _CHECK_SECONDS) if announced else _LOOK_SECONDS)

    def _keep_running(self, parts: list[PartProcess]) -> float:
        """Start the parts that are due, and stop those without a heartbeat. Return the seconds until the next start."""
        waits = [part.keep_running() for part in parts]
        return min((wait for wait in waits if wait is not None), default=math.inf)

    def _stop_all(self) -> None:
        why = f"Stopping ({self._signals.signal})." if self._signals.must_stop else "Stopping."
        report(f"{why} A training writes a checkpoint and goes on at the next start. Ctrl-C again hurries.")
        for group in (self._others, self._broker):
            for part in group:
                part.ask_to_stop()
            while any(part.is_up for part in group):
                if self._signals.must_hurry:
                    for part in group:
                        part.end_now()
                self._signals.wait(None)
        report("Stopped.")
