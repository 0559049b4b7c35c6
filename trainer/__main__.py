"""`python -m trainer`: see `trainer.cli`."""

import time

BEGAN = time.perf_counter()  # a training's budget counts its start-up too

if __name__ == "__main__":
    import sys

    from trainer.cli import main

    sys.exit(main(sys.argv[1:], BEGAN))
