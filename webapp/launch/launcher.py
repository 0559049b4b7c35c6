"""Keeps the parts alive on one machine: starts them, restarts those that die, stops them all."""

import math
import time
from pathlib import Path

from webapp.launch import checks
from webapp.launch.logs import cut
from webapp.launch.parts import Part
from webapp.launch.running import Running, say
from webapp.launch.wake import Wake

_LOOK_SECONDS = 0.1  # how often the site is asked whether it answers, until it does
_PULSE_SECONDS = 5.0  # how often pulses and sizes of logs are looked at
_BROKER_SECONDS = 5.0  # a worker that finds no broker waits 2 s before it looks again; this saves that


class Launcher:
    """All parts of one data folder. The broker, if there is one, is the first to start and the last to stop."""

    def __init__(self, folder: Path, environment: dict[str, str], broker: Part | None, others: list[Part]) -> None:
        self.logs = folder / "logs"
        self.logs.mkdir(exist_ok=True)
        self._broker = [Running(broker, environment, self.logs)] if broker else []
        self._others = [Running(part, environment, self.logs) for part in others]
        self._wake = Wake()

    def run(self, host: str, port: int, address: str) -> None:
        """Keep everything alive until somebody asks to stop."""
        try:
            self._start_broker()
            self._keep_alive(host, port, address)
        finally:
            self._stop_all()

    def _start_broker(self) -> None:
        self._mind(self._broker)
        end = time.monotonic() + _BROKER_SECONDS
        while time.monotonic() < end and not self._wake.must_stop:
            if all(part.is_ready for part in self._broker):
                return
            self._wake.wait(_LOOK_SECONDS / 2)

    def _keep_alive(self, host: str, port: int, address: str) -> None:
        announced = False
        while not self._wake.must_stop:
            next_start = self._mind([*self._broker, *self._others])
            if not announced and checks.answers(host, port):
                announced = True
                say(f"\nUnderstudy is at {address}\nCtrl-C stops it. Logs are in {self.logs}.\n")
            cut(self.logs)
            self._wake.wait(min(next_start, _PULSE_SECONDS) if announced else _LOOK_SECONDS)

    def _mind(self, parts: list[Running]) -> float:
        """Start what is due, and stop what has no pulse. Return the seconds until the next start."""
        waits = [part.mind() for part in parts]
        return min((wait for wait in waits if wait is not None), default=math.inf)

    def _stop_all(self) -> None:
        why = f"Stopping ({self._wake.signal})." if self._wake.must_stop else "Stopping."
        say(f"{why} A training writes a checkpoint and goes on at the next start. Ctrl-C again hurries.")
        for group in (self._others, self._broker):
            for part in group:
                part.ask_to_stop()
            while any(part.is_up for part in group):
                if self._wake.must_hurry:
                    for part in group:
                        part.end_now()
                self._wake.wait(None)
        say("Stopped.")
