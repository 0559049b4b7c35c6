"""Set-up of TensorFlow: quiet, deterministic, with a fixed number of threads. Import it before TensorFlow."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from trainer.engine import processor

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("ABSL_MIN_LOG_LEVEL", "3")
os.environ.setdefault("GRPC_VERBOSITY", "NONE")
os.environ.setdefault("KERAS_BACKEND", "tensorflow")
# XLA multiplies in bfloat16 by the library YNNPACK, and as it is told, not in float32 where that looked cheaper;
# anything but single products it had better not give to that library, which ended the process on some.
# A program whose operations are ordered for concurrency hands some to a pool that all programs share: then the loops of
# one part of a batch wait for those of the other.
_XLA = (
    "--xla_cpu_experimental_ynn_fusion_type=LIBRARY_FUSION_TYPE_INDIVIDUAL_DOT --xla_allow_excess_precision=false "
    "--xla_cpu_enable_concurrency_optimized_scheduler=false"
)
if os.environ["KERAS_BACKEND"] == "tensorflow":  # another's XLA may not know these flags, and end the process
    os.environ["XLA_FLAGS"] = f"{os.environ.get('XLA_FLAGS', '')} {_XLA}".strip()
os.environ["OMP_NUM_THREADS"] = "1"  # oneDNN's threads within a product: see `prepare`


def prepare(threads: int, deterministic: bool) -> Any:
    """Import TensorFlow, fix its threads, and return it. To be called once, before anything is computed.

    Threads run parts of a batch side by side (`batch_parts`), and none shares a product: two threads in one small
    product mostly wait for each other. 2×384 units, two cores: 18,000 against 15,600 characters/s trained.

    Args:
        threads: cores to use.
        deterministic: results do not depend on how threads interleave (training). Reading needs it no less, but
            its operations are deterministic anyhow.
    """
    with _quiet():
        import tensorflow as tf

    tf.config.threading.set_inter_op_parallelism_threads(threads)
    tf.config.threading.set_intra_op_parallelism_threads(1)
    for device in tf.config.list_physical_devices("GPU")[:1]:  # others are for other trainers
        tf.config.set_visible_devices(device, "GPU")
        tf.config.experimental.set_memory_growth(device, True)
    if deterministic:
        tf.config.experimental.enable_op_determinism()
    with _quiet():
        tf.function(lambda: tf.constant(0), autograph=False, jit_compile=True)()
    return tf


@contextmanager
def _quiet() -> Iterator[None]:
    """Drop what TensorFlow's C++ says of itself when it starts: no setting keeps it from that."""
    kept, nowhere = os.dup(2), os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 2)
    try:
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)
        os.close(nowhere)


def threads() -> int:
    """Return how many threads `prepare` was given; one for each core where it was not called."""
    import tensorflow as tf

    return int(tf.config.threading.get_inter_op_parallelism_threads()) or processor.cores()


def has_gpu() -> bool:
    import tensorflow as tf

    return bool(tf.config.list_physical_devices("GPU"))


def multiplies_bfloat16() -> bool:
    """Whether what computes has instructions for bfloat16 products: among GPUs, those from NVIDIA's Ampere on."""
    import tensorflow as tf

    devices = tf.config.list_physical_devices("GPU")
    if not devices:
        return processor.multiplies_bfloat16()
    return tuple(tf.config.experimental.get_device_details(devices[0]).get("compute_capability", (0,))) >= (8,)


def device_name() -> str:
    """Return what computes, for people."""
    import tensorflow as tf

    devices = tf.config.list_physical_devices("GPU")
    if not devices:
        return "CPU"
    return str(tf.config.experimental.get_device_details(devices[0]).get("device_name", "GPU"))


def reference_speed(half_products: bool) -> float:
    """Estimate, in a fraction of a second, the characters per second of `sizing`'s network of reference."""
    from time import perf_counter

    import tensorflow as tf

    kind = tf.bfloat16 if half_products else tf.float32
    a, b = tf.ones((512, 512), kind), tf.ones((512, 1536), kind)
    product = tf.function(tf.matmul, autograph=False)
    product(a, b)
    count, start = 0, perf_counter()
    while (took := perf_counter() - start) < _MEASURED_SECONDS:  # a mean: others may want the machine too
        product(a, b).numpy()
        count += 1
    return 2 * 512 * 512 * 1536 * count / took * _SPEED_PER_FLOPS


_MEASURED_SECONDS = 0.3
_SPEED_PER_FLOPS = 18_000 / 180e9  # characters per second of the network of reference per product's flop/s
