"""The command that compiles the native LSTM ahead of the first training: `python -m trainer.engine.native`."""

from trainer.engine import processor
from trainer.engine.native import adamw, library, write


def main() -> None:
    """Compile what trainings on this machine use, and say what that is. Trainings do without it, so nothing fails."""
    adamw.chosen()
    write.chosen()
    print(f"LSTM layers are computed by: {library.chosen(processor.multiplies_bfloat16())[1]}")


if __name__ == "__main__":
    main()
