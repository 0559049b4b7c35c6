"""The peer for the tutorial: its network trained with plain Keras, in batches of thirty windows.

    python -m bench.peer_keras --corpus FILE --seconds 10

It prints how many windows of fifty characters it trains per second, without the time of compilation.
"""

import argparse
import json
import time
from pathlib import Path

import keras
import numpy as np

_WINDOW, _BATCH = 50, 30


def windows(text: str) -> tuple[np.ndarray, np.ndarray]:
    """Return all windows, (windows, 50, 1) scaled to 0 … 1, and the characters after them, (windows, symbols)."""
    symbols, ids = np.unique(list(text.lower()), return_inverse=True)
    read = np.lib.stride_tricks.sliding_window_view(ids, _WINDOW + 1)
    return read[:, :-1, None] / len(symbols), np.eye(len(symbols), dtype=np.float32)[read[:, -1]]


def network(symbols: int) -> keras.Model:
    model = keras.Sequential(
        [
            keras.Input((_WINDOW, 1)),
            keras.layers.LSTM(300, return_sequences=True),
            keras.layers.Dropout(0.2),
            keras.layers.LSTM(300),
            keras.layers.Dropout(0.2),
            keras.layers.Dense(symbols, activation="softmax"),
        ]
    )
    model.compile(loss="categorical_crossentropy", optimizer="adam")
    return model


def speed(corpus: Path, seconds: float) -> float:
    x, y = windows(corpus.read_text(encoding="utf-8"))
    model = network(y.shape[1])
    piece, trained = 30 * _BATCH, 0
    model.fit(x[:_BATCH], y[:_BATCH], batch_size=_BATCH, verbose=0)
    begin = time.perf_counter()
    while (took := time.perf_counter() - begin) < seconds:
        start = trained % (len(x) - piece)
        model.fit(x[start : start + piece], y[start : start + piece], batch_size=_BATCH, verbose=0)
        trained += piece
    return trained / took


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--corpus", type=Path, required=True)
    parser.add_argument("--seconds", type=float, default=10)
    options = parser.parse_args()
    print(json.dumps({"windows": speed(options.corpus, options.seconds)}))
