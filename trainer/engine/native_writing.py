"""The writer of LSTM networks on a CPU, whose loop is the native library's."""

from collections.abc import Sequence
from dataclasses import fields
from typing import Any

import numpy as np

from trainer.contract.held_units import HeldUnit
from trainer.contract.writing_settings import SamplingOptions
from trainer.engine import setup, writing
from trainer.engine.fast_lstm import FastLSTM
from trainer.engine.holding import Holding
from trainer.engine.mogrifier import MogrifierLSTM
from trainer.engine.native import write
from trainer.engine.native.write import LayerWeights, Memory, PackedNetwork, Sampling, Weights, Write
from trainer.engine.network import Network
from trainer.engine.writing import Writer, Written

_KNOWN = FastLSTM, MogrifierLSTM  # kinds of layers; only the first layer of a network may be a MogrifierLSTM
_OPTIONS = {"temperature", "top_k", "top_p", "penalty"}  # that the library knows


class NativeWriter(Writer):
    """As `Writer`, for a network of LSTM layers. Nothing is compiled for it. A batch may have any number of rows.

    What it writes is what `Writer` writes, except where rounding decides between two symbols. A request with a sampling
    option that the library does not know is left to `Writer`.
    """

    def __init__(self, native: Write, network: Network, lengths: np.ndarray) -> None:
        super().__init__(network, lengths)
        self._native, self._code_points = native, lengths
        self._packed: PackedNetwork | None = None

    def holding(self, held: Sequence[HeldUnit]) -> Writer:
        holding = Holding(self.network)
        holding.hold(held)
        other = NativeWriter(self._native, holding.network, self._code_points)
        other._packed = self._pack().holding([(each.layer, each.unit, each.value) for each in held])
        return other

    def renew(self) -> None:
        self._packed = None

    def _pack(self) -> PackedNetwork:
        if self._packed is None:
            self._packed = PackedNetwork(self._native, _weights(self.network, self.known), self._code_points)
        return self._packed

    def rows(self, least: int, sampling: SamplingOptions) -> int:
        return least if _knows(sampling) else super().rows(least, sampling)

    def remember(
        self, prompt: np.ndarray, rows: int, sampling: SamplingOptions, voice: np.ndarray | None = None
    ) -> Any:
        if not _knows(sampling):
            return super().remember(prompt, rows, sampling, voice)
        memory = self._pack().begin(int(prompt[0]), sampling.penalty > 0, voice)
        return self._pack().read(memory, prompt[1:]).in_rows(rows)

    def write(
        self,
        memory: Any,
        uniform: np.ndarray,
        count: int,
        sampling: SamplingOptions,
        first: np.ndarray | None = None,
        traced: bool = False,
    ) -> tuple[Written, Any]:
        if not isinstance(memory, Memory):
            return super().write(memory, uniform, count, sampling, first, traced)
        assert self._packed
        top_k = sampling.top_k or self.known
        numbers = Sampling(sampling.temperature, sampling.top_p, sampling.penalty, top_k)
        barred = self.barred(first)
        symbols, logits, memory = self._packed.write(memory, uniform[:count], barred, numbers, traced)
        return Written(symbols) if logits is None else writing.with_shares(symbols, logits), memory


def writer(network: Network, lengths: np.ndarray) -> Writer:
    """Return the fastest writer for a network of the stream procedure; `lengths` as in `Writer`."""
    is_known = network.members == [network] and all(isinstance(layer, _KNOWN) for layer in network.recurrent)
    native = write.chosen() if is_known and not setup.has_gpu() else None
    return NativeWriter(native, network, lengths) if native else Writer(network, lengths)


def _knows(sampling: SamplingOptions) -> bool:
    """Whether all options that are not at their defaults are known to the library."""
    return all(
        option.name in _OPTIONS or getattr(sampling, option.name) == option.default for option in fields(sampling)
    )


def _weights(network: Network, known: int) -> Weights:
    layers = [LayerWeights(*layer.get_weights()[:3]) for layer in network.recurrent]
    rounds = network.recurrent[0].get_weights()[3:]
    outputs, bias = network.outputs.get_weights()
    embedding = np.asarray(network.inputs(np.arange(network.symbols)))
    return Weights(embedding, layers, outputs[:, :known], bias[:known], network.recipe.skips, rounds)
