"""The speed of this machine, measured before a training is sized: see `trainer.contract.sizing`."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from time import perf_counter

import numpy as np

from trainer.engine import batch_parts, setup
from trainer.engine.native import library
from trainer.engine.native.library import Library

_MEASURED_SECONDS = 0.3
_BATCH, _SEQUENCE, _UNITS = 32, 64, 384  # the reference network has two layers
# Where the layers are native, a step of the reference network takes as long as 1.6 of its second layers, which run
# forward and backward, and 19 ms for all else: 174 ms where that layer takes 100 (AVX2), 40 where it takes 13 (AMX).
_LAYERS, _REST = 1.6, 0.019
# Else: characters per second of the reference network for each flop/s of a product.
_SPEED_PER_FLOPS = {"bfloat16": 18_000 / 180e9, "float32": 8_000 / 60e9}


def reference_speed(half_products: bool) -> float:
    """Estimate the characters per second of the reference network of `sizing`. It takes half a second.

    Call it after `setup.prepare`, whose threads it uses.
    """
    native = None if setup.has_gpu() else library.chosen(half_products)[0]
    if native is None:
        return _product_speed("bfloat16" if half_products else "float32")
    return _BATCH * _SEQUENCE / (_LAYERS * _layer_seconds(native) + _REST)


def _layer_seconds(native: Library) -> float:
    """Return the seconds of a layer of the reference network for one batch, each part of it on a thread."""
    parts = batch_parts.count(_BATCH)
    rows = _BATCH // parts
    shapes = (rows, _SEQUENCE, _UNITS), (rows, _UNITS), (rows, _UNITS), (_UNITS, 4 * _UNITS), (_UNITS, 4 * _UNITS)
    random = np.random.default_rng(0)
    x, h, c, kernel, recurrent = (library.aligned(random.normal(0, 0.05, shape).astype("float32")) for shape in shapes)
    bias = np.zeros(4 * _UNITS, "float32")

    def layer(_part: int) -> None:
        outputs, _cells, kept = native.forward(x, h, c, kernel, recurrent, bias)
        native.backward(x, h, c, kernel, recurrent, outputs, kept, outputs, h, c)

    with ThreadPoolExecutor(parts) as pool:
        return _mean_seconds(lambda: list(pool.map(layer, range(parts))))


def _product_speed(kind: str) -> float:
    """Return the speed that follows from one product of TensorFlow."""
    import tensorflow as tf

    a, b = tf.ones((512, 512), kind), tf.ones((512, 1536), kind)
    product = tf.function(tf.matmul, autograph=False)
    return 2 * 512 * 512 * 1536 / _mean_seconds(lambda: product(a, b).numpy()) * _SPEED_PER_FLOPS[kind]


def _mean_seconds(run: Callable[[], object]) -> float:
    """Return the mean time of a run after the first one. The mean, because other programs may use the machine."""
    run()
    count, start = 0, perf_counter()
    while (took := perf_counter() - start) < _MEASURED_SECONDS:
        run()
        count += 1
    return took / count
