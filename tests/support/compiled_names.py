"""Names for TensorFlow's functions that are the same in every process, so that compiled programs are found again.

XLA's store of compiled programs goes by the names of functions too. TensorFlow puts a number into each name, which
counts all that the process has made before: a training that is resumed has other numbers than one that begins, and a
passage others than a sample, and each of them would compile the same programs anew. Here the number counts only the
functions of one name in one graph.
"""

import threading
from collections import Counter

_counts: Counter[tuple[str, str]] = Counter()
_lock = threading.Lock()


def make_steady() -> None:
    """Let the functions that TensorFlow makes from now on in this process have such names."""
    from tensorflow.python.eager.polymorphic_function import concrete_function
    from tensorflow.python.ops import control_flow_util_v2, custom_gradient

    for kind in ("forward", "backward", "inference"):
        setattr(concrete_function, f"_{kind}_name", lambda name, kind=kind: _numbered(f"__{kind}_{name}"))
    control_flow_util_v2.unique_fn_name = lambda scope, name: _numbered(f"{scope}{name}".replace("/", "_"))
    control_flow_util_v2.unique_grad_fn_name = lambda name: _numbered(f"{name}_grad")
    custom_gradient.generate_name = lambda: _numbered("CustomGradient")


def _numbered(name: str) -> str:
    """Return the name with that of the graph in which it is used, and with its number there."""
    from tensorflow.python.framework import ops

    graph = ops.get_default_graph()
    if not hasattr(graph, "name"):
        return _next("", name)
    if not hasattr(graph, "steady_name"):
        graph.steady_name = _next("graph", graph.name)
    return _next(graph.steady_name, f"{name}_{graph.steady_name}")


def _next(place: str, name: str) -> str:
    with _lock:
        _counts[place, name] += 1
        return f"{name}_{_counts[place, name]}"
