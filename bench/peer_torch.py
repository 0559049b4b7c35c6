"""The peer in PyTorch: an LSTM character model, as somebody who knows PyTorch would write it.

    python -m bench.peer_torch speed
    python -m bench.peer_torch sample
    python -m bench.peer_torch quality --corpus FILE --seconds 180

Speeds are in characters per second, losses in nats per character on the last 10 % of the text. The time of a quality
run counts from the start of the process, without its evaluations. It prints one JSON object.
"""

import time

BEGAN = time.perf_counter()

import argparse  # noqa: E402  # the clock starts before anything is imported
import json  # noqa: E402
import math  # noqa: E402
from pathlib import Path  # noqa: E402
from typing import Any  # noqa: E402

import torch  # noqa: E402
from torch import Tensor, nn  # noqa: E402
from torch.nn import functional  # noqa: E402

from trainer.engine import processor  # noqa: E402  # it imports nothing

State = tuple[Tensor, Tensor] | None
# On other processors PyTorch can't run an LSTM in bfloat16.
HALF = not processor.instructions().isdisjoint({"avx512_bf16", "amx_bf16"})


class Peer(nn.Module):  # type: ignore[misc]  # PyTorch is not in the product's environment
    """Embedding → stacked LSTM → dropout → logits."""

    def __init__(self, symbols: int, options: argparse.Namespace) -> None:
        super().__init__()
        self.inputs = nn.Embedding(symbols, 64)
        self.lstm = nn.LSTM(64, options.units, options.layers, batch_first=True, dropout=options.dropout)
        self.dropout = nn.Dropout(options.dropout)
        self.outputs = nn.Linear(options.units, symbols)

    def forward(self, ids: Tensor, state: State = None) -> tuple[Tensor, State]:
        values, state = self.lstm(self.inputs(ids), state)  # (batch, time, units)
        return self.outputs(self.dropout(values)), state


class Trainer:
    def __init__(self, model: Peer, rate: float, half: bool) -> None:
        self.model, self.half = model, half
        self.optimizer = torch.optim.AdamW(model.parameters(), rate, betas=(0.9, 0.99), weight_decay=0.01)

    def step(self, x: Tensor, y: Tensor, state: State) -> State:
        with torch.autocast("cpu", dtype=torch.bfloat16, enabled=self.half):
            logits, state = self.model(x, state)
        loss = functional.cross_entropy(logits.float().flatten(0, 1), y.flatten())
        self.optimizer.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(self.model.parameters(), 1.0)
        self.optimizer.step()
        assert state is not None
        return state[0].detach(), state[1].detach()


def speed(options: argparse.Namespace) -> dict[str, Any]:
    """Return the characters trained per second, with float32 or bfloat16, whichever is faster."""
    found = {}
    for name in ("float32", "bfloat16") if HALF else ("float32",):
        torch.manual_seed(0)
        trainer = Trainer(Peer(65, options), 1e-3, half=name == "bfloat16")
        x, y = torch.randint(0, 65, (2, options.batch, options.sequence))
        for _ in range(3):
            trainer.step(x, y, None)
        steps, begin = 0, time.perf_counter()
        while (seconds := time.perf_counter() - begin) < options.seconds:
            trainer.step(x, y, None)
            steps += 1
        found[name] = steps * x.numel() / seconds
    return {**found, "speed": max(found.values())}


def sample(options: argparse.Namespace) -> dict[str, Any]:
    """Return the characters generated per second, for one passage in the usual loop, after fifty that don't count."""
    torch.manual_seed(0)
    model = Peer(65, options).eval()
    ids, state = torch.zeros(1, 1, dtype=torch.long), None

    def write(ids: Tensor, state: State) -> tuple[Tensor, State]:
        logits, state = model(ids, state)
        return torch.multinomial(logits[0, -1].softmax(-1), 1).view(1, 1), state

    with torch.no_grad():
        for _ in range(50):
            ids, state = write(ids, state)
        count, begin = 0, time.perf_counter()
        while (seconds := time.perf_counter() - begin) < options.seconds:
            ids, state = write(ids, state)
            count += 1
    return {"one": count / seconds}


def quality(options: argparse.Namespace) -> dict[str, Any]:
    """Return the held-out loss after a fixed wall time. The rate has a warm-up and falls by a cosine to 2 %."""
    torch.manual_seed(0)
    text = Path(options.corpus).read_text(encoding="utf-8")
    number = {symbol: index for index, symbol in enumerate(sorted(set(text)))}
    ids = torch.tensor([number[symbol] for symbol in text])
    cut = int(len(ids) * 0.9)
    model = Peer(len(number), options)
    trainer = Trainer(model, options.rate, half=HALF)
    length = (cut - 1) // options.batch
    x = ids[: length * options.batch].view(options.batch, length)
    y = ids[1 : length * options.batch + 1].view(options.batch, length)
    place, steps, began = 0, 0, BEGAN
    curve: list[tuple[float, float]] = []
    state: State = None
    while (elapsed := time.perf_counter() - began) < options.seconds:
        cosine = 0.5 * (1 + math.cos(math.pi * elapsed / options.seconds))
        for group in trainer.optimizer.param_groups:
            group["lr"] = options.rate * min(1, (steps + 1) / 50) * (0.02 + 0.98 * cosine)
        if place + options.sequence > length:
            place, state = 0, None
        now = slice(place, place + options.sequence)
        state = trainer.step(x[:, now], y[:, now], state)
        place, steps = place + options.sequence, steps + 1
        if elapsed >= options.seconds * (len(curve) + 1) / (options.points + 1):
            paused = time.perf_counter()
            curve.append((elapsed, first_half(model, ids, cut)))
            began += time.perf_counter() - paused
    curve.append((options.seconds, first_half(model, ids, cut)))
    carried, cold = evaluate(model, ids[cut:])
    return {"carried": carried, "cold": cold, "epochs": steps * options.sequence / length, "curve": curve}


def loss(model: Peer, x: Tensor, y: Tensor, warm_up: int = 0) -> float:
    """Return the loss on rows of characters, without the first `warm_up` characters of each row."""
    model.eval()
    with torch.no_grad(), torch.autocast("cpu", dtype=torch.bfloat16, enabled=HALF):
        logits, _ = model(x)
    model.train()
    kept = logits[:, warm_up:].float().flatten(0, 1)
    return float(functional.cross_entropy(kept, y[:, warm_up:].flatten()))


def evaluate(model: Peer, ids: Tensor) -> tuple[float, float]:
    """Return the loss with the state carried through the whole text, and the cold loss over windows of 256."""
    whole = (len(ids) - 1) // 256 * 256
    cold = loss(model, ids[:whole].view(-1, 256), ids[1 : whole + 1].view(-1, 256))
    return loss(model, ids[None, :-1], ids[None, 1:]), cold


def first_half(model: Peer, ids: Tensor, cut: int) -> float:
    """Return the carried loss of the first half of the held-out text, in 32 streams that warm up on 256 characters."""
    length = (len(ids) - cut) // 2 // 32
    rows = ids[cut - 257 : cut + 32 * length].unfold(0, length + 257, length)  # (32, length + 257)
    return loss(model, rows[:, :-1], rows[:, 1:], warm_up=256)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("mode", choices=["speed", "sample", "quality"])
    parser.add_argument("--corpus")
    parser.add_argument("--seconds", type=float, default=8)
    parser.add_argument("--units", type=int, default=384)
    parser.add_argument("--layers", type=int, default=2)
    parser.add_argument("--batch", type=int, default=32)
    parser.add_argument("--sequence", type=int, default=64)
    parser.add_argument("--dropout", type=float, default=0.1)
    parser.add_argument("--rate", type=float, default=0.005)
    parser.add_argument("--points", type=int, default=15, help="evaluations on the way, off the clock")
    options = parser.parse_args()
    print(json.dumps({"speed": speed, "sample": sample, "quality": quality}[options.mode](options)))


if __name__ == "__main__":
    main()
