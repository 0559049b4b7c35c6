"""The score in words: a verdict, if the figures allow one, and the figures as a table."""

import math
from typing import Any

from trainer.contract.held_out import carried_or_cold
from trainer.contract.wording import counted
from trainer.data.leakage import Shares

TOO_SHORT = 20_000  # characters; a shorter text gets no verdict
_SHORT = 100_000  # characters; with a shorter text, a network can hardly beat n-grams, however long it trains
# From these shares on there is no verdict. Measured on Macbeth (docs/trainer.md): at the first, nearly half of the loss
# is the cost of naming unknown characters. At the second, copies improve the n-grams by more than the lead that a good
# model has.
_MOST_UNSEEN = 0.05
_MOST_COPIED = 0.25
_NAMED = 0.005  # smaller shares are not mentioned: they are less than 1 % when rounded

_Whole = dict[str, float | None]  # the figures "whole" of `held_out` in a score


def is_judged(characters: int, shares: Shares) -> bool:
    """Whether the figures of a model on a text with this length and these shares allow a verdict."""
    return not _reasons_against(characters, shares)


def verdict(whole: _Whole, found: dict[str, Any], characters: int, shares: Shares) -> str:
    """Return sentences that say what the figures mean, in bits per character, or why there is no verdict."""
    judgement = _reasons_against(characters, shares) or [_comparison(whole, found, characters)]
    return " ".join([*judgement, *_remarks(shares)])


def _reasons_against(characters: int, shares: Shares) -> list[str]:
    reasons = []
    if characters < TOO_SHORT:
        reasons.append(
            f"This text is too short to judge: {counted(characters, 'character')}, where {TOO_SHORT:,} are needed to "
            "tell a good model from a lucky one."
        )
    if shares.unseen >= _MOST_UNSEEN:
        reasons.append(
            f"No verdict: {_percent(shares.unseen)} of the held-out text is characters that the training text does "
            "not have, so no model could learn them. The end of each document is held out: move some of this "
            "writing further to the front, or leave it out, and train again."
        )
    if shares.copied >= _MOST_COPIED:
        reasons.append(
            f"No verdict: {_percent(shares.copied)} of the held-out text also stands in the training text, so the "
            "figures tell how well that is remembered, not how well new text is predicted. Keep one copy of each "
            "text, and train again."
        )
    return reasons


def _remarks(shares: Shares) -> list[str]:
    """Return sentences about shares that affect the figures, but are too small to prevent a verdict."""
    remarks = []
    if _NAMED <= shares.unseen < _MOST_UNSEEN:
        remarks.append(
            f"{_percent(shares.unseen)} of the held-out text is characters that the training text does not have."
        )
    if _NAMED <= shares.copied < _MOST_COPIED:
        remarks.append(
            f"{_percent(shares.copied)} of the held-out text also stands in the training text: on new text the "
            "figures would be worse."
        )
    if shares.repeated >= _NAMED:
        remarks.append(
            f"{_percent(shares.repeated)} of the held-out text is the end of another document again: documents that "
            "are the same count as often as they are there."
        )
    return remarks


def _percent(share: float) -> str:
    return f"{100 * share:.0f} %"


def _comparison(whole: _Whole, found: dict[str, Any], characters: int) -> str:
    read = _reading(whole)
    assert read is not None
    ours, counting, xz = (nats / math.log(2) for nats in (read, found["ngram"], found["xz"]))
    figures = f"{ours:.2f} against {counting:.2f} bits per character"
    if ours < counting - 0.005:
        return f"Your model predicts this text better than counting letters does: {figures} (and {xz:.2f} for xz)."
    if ours < counting + 0.005:
        return f"Your model predicts this text as well as counting letters does: {figures}. More time may help."
    if characters < _SHORT:
        return (
            f"This text is too short for the network to beat counting letters: {figures}. Add text, or train longer to "
            "come closer."
        )
    return (
        f"Counting letters still predicts this text better than your model does: {figures}. Train longer, or add text."
    )


def _reading(whole: _Whole) -> float | None:
    return carried_or_cold(whole["carried"], whole["cold"])


def table(score: dict[str, Any]) -> str:
    """Return the figures as a table for people, in bits per character."""
    lines = ["bits per character    carried   cold"]
    for name, figures in score["held_out"].items():
        lines.append(f"{name.replace('_', ' '):20}  {_bits(figures['carried'])} {_bits(figures['cold'])}")
    found = score["baselines"]
    read, earlier = _reading(score["held_out"]["whole"]), score.get("earlier")
    if read is not None and earlier is not None:  # `behind` is how much worse the earlier weights were on the same text
        before = f"before, step {earlier['step']:,}"
        lines.append(f"{before:20}  {_bits(read + earlier['behind'])}")
    if mixture := score.get("mixture"):
        before, after = mixture["network_second_half"], mixture["second_half"]
        lines.append(f"second half, with counting  {_bits(after)}, alone {_bits(before).strip()}")
    lines.append(f"{found['ngram_order']}-grams               {_bits(found['ngram'])}")
    lines.append(f"xz                    {_bits(found['xz'])}")
    notes = [note for note in (score["held_out_note"], found["note"], _calibration(score)) if note]
    lines += [*_voice_lines(score.get("voices", [])), *_share_lines(score.get("held_out_shares", {}))]
    return "\n".join([*lines, *notes, score["verdict"]])


def _voice_lines(voices: list[dict[str, Any]]) -> list[str]:
    lines = [f"{voice['name'][:20]:20}  {_bits(voice['with'])} {_bits(voice['without'])}" for voice in voices]
    return ["by document, carried  in its voice   without", *lines] if lines else []


def _calibration(score: dict[str, Any]) -> str:
    scale = score.get("logit_scale") or 1.0
    if scale == 1:
        return ""
    how = "sure" if scale < 1 else "unsure"
    return f"It was too {how} of what comes next: its logits were multiplied by {scale:.2f}."


def _bits(nats: float | None) -> str:
    return "     -" if nats is None else f"{nats / math.log(2):6.3f}"


_SHARES = {"unseen": "in characters never seen", "copied": "also in the training text", "repeated": "held out again"}


def _share_lines(shares: dict[str, float]) -> list[str]:
    lines = [f"{_SHARES[name]:27}{_percent(share):>7}" for name, share in shares.items() if name in _SHARES]
    return ["of the held-out text", *lines] if lines else []
