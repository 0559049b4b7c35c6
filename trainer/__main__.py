"""`python -m trainer`: see `trainer.cli.main`."""

import time

BEGAN = time.perf_counter()  # a training's budget counts its start-up too


def _command() -> int:
    from trainer.cli.main import main

    return main(sys.argv[1:], BEGAN)


if __name__ == "__main__":
    import sys

    from trainer.contract import console

    console.end_at_interrupt()
    sys.exit(console.run(_command))
