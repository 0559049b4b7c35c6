"""Set-up of TensorFlow: quiet, deterministic, with a fixed number of threads. Import it before TensorFlow."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from trainer.engine import processor

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("ABSL_MIN_LOG_LEVEL", "3")
os.environ.setdefault("GRPC_VERBOSITY", "NONE")
os.environ["KERAS_BACKEND"] = "tensorflow"  # whatever the environment says: nothing else runs the trainer
# XLA multiplies in bfloat16 with the library YNNPACK. It gets single products only: some larger programs ended the
# process. Excess precision is off, because XLA otherwise multiplies in float32 where it expects that to be cheaper.
# The scheduler for concurrency is off, because it gives operations to a pool that all programs share: then the loops of
# one part of a batch wait for those of another.
_XLA = (
    "--xla_cpu_experimental_ynn_fusion_type=LIBRARY_FUSION_TYPE_INDIVIDUAL_DOT --xla_allow_excess_precision=false "
    "--xla_cpu_enable_concurrency_optimized_scheduler=false"
)
os.environ["XLA_FLAGS"] = f"{os.environ.get('XLA_FLAGS', '')} {_XLA}".strip()
os.environ["OMP_NUM_THREADS"] = "1"  # threads of oneDNN within a product: see `prepare`


def prepare(threads: int, deterministic: bool) -> Any:
    """Import TensorFlow, fix its threads, and return it. Call it once, before anything is computed.

    Threads run parts of a batch in parallel (`batch_parts`), and a product has one thread: two threads in one small
    product mostly wait for each other. On two cores, 2×384 units trained 18,000 characters/s so, and 15,600 otherwise.

    Args:
        threads: cores to use.
        deterministic: results do not depend on how threads interleave. Training needs it; the operations that read
            and write are deterministic without it.
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
    """Drop what TensorFlow's C++ code prints when it starts, which no setting prevents."""
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
