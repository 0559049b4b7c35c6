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
    is_new = places < 0
    found = dict(weights)
    for name, array in weights.items():
        if name.endswith(_INPUTS):
            found[name] = np.where(is_new[:, None], fresh[name], array[places])
        elif name.endswith((_KERNEL, _BIAS)):
            found[name] = array[..., places]  # -1 is the last place, that of the escape
    return found
