"""The set-up of TensorFlow: quiet, deterministic, with a fixed number of threads. Import it before TensorFlow."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from trainer.engine import processor

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("ABSL_MIN_LOG_LEVEL", "3")
os.environ.setdefault("GRPC_VERBOSITY", "NONE")
os.environ["KERAS_BACKEND"] = "tensorflow"  # also if the environment names another: the trainer runs only on this one
# XLA multiplies in bfloat16 with the library YNNPACK. The library gets only single products, because some larger
# programs crashed the process. Excess precision is off, because otherwise XLA multiplies in float32 where it expects
# that to be faster. The concurrency scheduler is off, because it gives operations to a thread pool that all programs
# share: then the loops of one part of a batch wait for those of another.
_XLA = (
    "--xla_cpu_experimental_ynn_fusion_type=LIBRARY_FUSION_TYPE_INDIVIDUAL_DOT --xla_allow_excess_precision=false "
    "--xla_cpu_enable_concurrency_optimized_scheduler=false"
)
os.environ["XLA_FLAGS"] = f"{os.environ.get('XLA_FLAGS', '')} {_XLA}".strip()
os.environ["OMP_NUM_THREADS"] = "1"  # threads of oneDNN within a product: see `prepare`


def prepare(threads: int, deterministic: bool) -> Any:
    """Import TensorFlow, fix the number of its threads, and return it. Call it once, before anything is computed.

    The threads run parts of a batch in parallel (`batch_parts`), and each product runs on one thread, because two
    threads in one small product mostly wait for each other. On two cores, 2×384 units trained 18,000 characters/s in
    this way, and 15,600 with two threads in each product.

    Args:
        threads: the number of cores to use.
        deterministic: whether results must not depend on the interleaving of threads. Training needs it. The operations
            for reading and writing are deterministic without it.
    """
    with _quiet():
        import tensorflow as tf

    tf.config.threading.set_inter_op_parallelism_threads(threads)
    tf.config.threading.set_intra_op_parallelism_threads(1)
    for device in tf.config.list_physical_devices("GPU")[:1]:  # other GPUs are for other trainers
        tf.config.set_visible_devices(device, "GPU")
        tf.config.experimental.set_memory_growth(device, True)
    if deterministic:
        processor.keep_memory()
        tf.config.experimental.enable_op_determinism()
    with _quiet():
        tf.function(lambda: tf.constant(0), autograph=False, jit_compile=True)()
    return tf


@contextmanager
def _quiet() -> Iterator[None]:
    """Discard the lines that TensorFlow's C++ code prints at its start. No setting prevents them."""
    kept, nowhere = os.dup(2), os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 2)
    try:
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)
        os.close(nowhere)


def threads() -> int:
    """Return the number of threads that `prepare` set; if it was not called, the number of cores."""
    import tensorflow as tf

    return int(tf.config.threading.get_inter_op_parallelism_threads()) or processor.cores()


def has_gpu() -> bool:
    import tensorflow as tf

    return bool(tf.config.list_physical_devices("GPU"))


def multiplies_bfloat16() -> bool:
    """Whether the device has instructions for bfloat16 products. GPUs have them from NVIDIA's Ampere generation on."""
    import tensorflow as tf

    devices = tf.config.list_physical_devices("GPU")
    if not devices:
        return processor.multiplies_bfloat16()
    return tuple(tf.config.experimental.get_device_details(devices[0]).get("compute_capability", (0,))) >= (8,)


def device_name() -> str:
    """Return the name of the device that computes, for people."""
    import tensorflow as tf

    devices = tf.config.list_physical_devices("GPU")
    if not devices:
        return "CPU"
    return str(tf.config.experimental.get_device_details(devices[0]).get("device_name", "GPU"))
