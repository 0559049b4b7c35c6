"""`python -m trainer`: see `trainer.cli.main`."""

import os
import time

BEGAN = time.perf_counter()  # a training's budget counts its start-up too
# Threads within a product of numpy's, which is imported later. Where another process computes too, two threads mostly
# wait for each other: a look at a model's memory took 30 s beside a training, and 11 s with one thread.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")


def _command() -> int:
    from trainer.cli.main import main

    return main(sys.argv[1:], BEGAN)


if __name__ == "__main__":
    import atexit
    import gc
    import sys

    from trainer.contract import console

    atexit.register(gc.freeze)  # else Python looks through all of TensorFlow for garbage at the end, for 0.6 s
    console.end_at_interrupt()
    sys.exit(console.run(_command))
