"""The check of a compiled library, run in a process of its own: `python -m trainer.engine.native.check FILE`.

An instruction that the processor refuses ends this process, and not a training.
"""

import sys
from pathlib import Path

import numpy as np

from trainer.engine.native.adamw import AdamW
from trainer.engine.native.library import Library
from trainer.engine.native.write import LayerWeights, PackedNetwork, Sampling, Weights, Write

_MOST = 0.02  # difference to the exact result, as a share of it: products may be in bfloat16


def main() -> int:
    """Return 0 if the library computes what numpy does."""
    file = Path(sys.argv[1])
    checks = {"lstm": _lstm_is_right, "adamw": _adamw_is_right, "write": _writing_is_right}
    return 0 if checks[file.name.partition("-")[0]](file) else 1


def _lstm_is_right(file: Path) -> bool:
    """Whether the library computes a small layer and its gradient."""
    library = Library(file)
    random = np.random.default_rng(0)
    batch, time, inputs, units = 17, 3, 5, 18
    shapes = (batch, time, inputs), (batch, units), (batch, units), (inputs, 4 * units), (units, 4 * units)
    x, h, c, kernel, recurrent = (random.normal(size=shape).astype("float32") / 2 for shape in shapes)
    arrays = x, h, c, kernel, recurrent, np.ones(4 * units, "float32")
    rounds = [random.normal(size=shape).astype("float32") for shape in ((units, inputs), (inputs, units))]
    d_outputs = random.normal(size=(batch, time, units)).astype("float32")
    return all(_layer_is_right(library, (*arrays, *some), d_outputs, random) for some in ((), rounds))


def _layer_is_right(
    library: Library, arrays: tuple[np.ndarray, ...], d_outputs: np.ndarray, random: np.random.Generator
) -> bool:
    """Whether outputs are right, and the gradient along a direction of the recurrent weights, and of each round's."""
    outputs, cells, kept = library.forward(*arrays)
    zero = np.zeros_like(arrays[1])
    gradients = library.backward(*arrays[:5], outputs, kept, d_outputs, zero, zero, *arrays[6:])
    # The loss is linear in the outputs, so its difference along a direction is what the gradient says.
    step, is_right = 1e-4, _is_near(outputs, _outputs(*arrays)) and bool(np.isfinite(cells).all())
    for place in (4, *range(6, len(arrays))):
        direction = random.normal(size=arrays[place].shape)
        ahead, behind = (
            _outputs(*arrays[:place], arrays[place] + side * step * direction, *arrays[place + 1 :]) for side in (1, -1)
        )
        slope = float(np.sum((ahead - behind) * d_outputs) / (2 * step))
        is_right = is_right and _is_near(float(np.sum(gradients[place] * direction)), slope)
    return is_right


def _adamw_is_right(file: Path) -> bool:
    """Whether the library takes a step with two weights and two parts."""
    library, random = AdamW(file), np.random.default_rng(0)
    scale, decay, rate, first, second, epsilon, average = numbers = np.linspace(0.1, 0.9, 7, dtype="float32")
    arrays = [random.random(1037, "float32") for _ in range(12)]
    found = library.step(2, numbers, *arrays)
    sums = [arrays[at] + arrays[at + 1] for at in (0, 6)]
    is_right = _is_near(float(library.squares(2, *arrays[:2], *arrays[6:8])), float(sum(np.sum(s * s) for s in sums)))
    for at, gradient in zip((0, 6), sums, strict=True):
        w, m, v, mean = arrays[at + 2 : at + 6]
        m = m + (gradient * scale - m) * first
        v = v + ((gradient * scale) ** 2 - v) * second
        w = w * decay - m * rate / (np.sqrt(v) + epsilon)
        new = found[at // 6 * 4 : at // 6 * 4 + 4]
        expected = (w, m, v, mean + (w - mean) * average)
        is_right = is_right and all(_is_near(a, b) for a, b in zip(new, expected, strict=True))
    return is_right


def _writing_is_right(file: Path) -> bool:
    """Whether the library writes the likeliest symbols of a network of two layers, and computes their logits."""
    random = np.random.default_rng(0)
    inputs, units, symbols, rows = 5, 19, 37, 5
    embedding, outputs = random.normal(size=(symbols, inputs)), random.normal(size=(units, symbols))
    sizes = [((width, 4 * units), (units, 4 * units), (4 * units,)) for width in (inputs, units)]
    layers = [LayerWeights(*(random.normal(size=size) / 2 for size in layer)) for layer in sizes]
    rounds = [random.normal(size=size) for size in ((units, inputs), (inputs, units))]
    weights = Weights(embedding, layers, outputs, np.zeros(symbols), rounds=rounds)
    network = PackedNetwork(Write(file), weights, np.ones(symbols))
    memory = network.read(network.begin(3, is_penalised=False), np.array([4, 0])).in_rows(rows)
    greedy = Sampling(0, 1, 0, symbols)
    chosen, logits, _ = network.write(memory, np.zeros((4, rows)), np.zeros(symbols), greedy, kept=True)
    assert logits is not None
    x = embedding[np.array([3, 4, 0, *chosen[:-1, 0]])][None]
    for layer, of_layer in zip(layers, (rounds, ()), strict=True):
        x = _outputs(x, np.zeros((1, units)), np.zeros((1, units)), *layer, *of_layer)
    expected = np.repeat((x @ outputs)[0, 2:, None], rows, 1)
    return _is_near(logits, expected) and bool((chosen == logits.argmax(2)).all())


def _outputs(x: np.ndarray, h: np.ndarray, c: np.ndarray, *weights: np.ndarray) -> np.ndarray:
    """Return the outputs of an LSTM in float64. After its three arrays, `weights` are those of a Mogrifier, if any."""
    kernel, recurrent, bias, *rounds = (array.astype(float) for array in weights)
    outputs = []
    for step in range(x.shape[1]):
        now = x[:, step]
        for array in rounds:
            now, h = h, 2 / (1 + np.exp(-h @ array)) * now
        z = now @ kernel + h @ recurrent + bias
        i, f, o = (1 / (1 + np.exp(-np.split(z, 4, 1)[gate])) for gate in (0, 1, 3))
        c = f * c + i * np.tanh(np.split(z, 4, 1)[2])
        h = o * np.tanh(c)
        outputs.append(h)
    return np.stack(outputs, 1)


def _is_near(found: np.ndarray | float, expected: np.ndarray | float) -> bool:
    return bool(np.linalg.norm(found - expected) <= _MOST * np.linalg.norm(expected))


if __name__ == "__main__":
    sys.exit(main())
