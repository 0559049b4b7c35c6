"""The weights of a network that learns a text with other symbols than those it knows."""

import numpy as np

Arrays = dict[str, np.ndarray]
_INPUTS, _KERNEL, _BIAS = "inputs/embeddings", "outputs/kernel", "outputs/bias"


def fitted(weights: Arrays, fresh: Arrays, places: np.ndarray) -> Arrays:
    """Return weights for other symbols. What was learned about symbols that both have is kept.

    A new symbol is read as `fresh` weights read it. It is expected as seldom as the escape, which never came next.

    Args:
        weights: the trained weights, by name.
        fresh: initial weights of the same network with the other symbols.
        places: the number that each of the other symbols has in the trained network, (symbols,); -1 if it is new.
    """
    is_known = (places >= 0)[:, None]
    expected_as = np.where(places >= 0, places, len(weights[_BIAS]) - 1)
    return {
        **weights,
        _INPUTS: np.where(is_known, weights[_INPUTS][expected_as], fresh[_INPUTS]),
        _KERNEL: weights[_KERNEL][:, expected_as],
        _BIAS: weights[_BIAS][expected_as],
    }
