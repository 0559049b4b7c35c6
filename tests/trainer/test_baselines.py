"""Tests of the baselines: n-grams and a compressor, which learn from the training part of a text only."""

import json
import math
import random
import subprocess
import sys
from collections import Counter, defaultdict
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from trainer.contract.documents import sample_text, split_held_out
from trainer.evaluation import baselines as module
from trainer.evaluation import counted_passage
from trainer.evaluation.baselines import baselines, ngram_nats, xz_nats

ROOT = Path(__file__).parents[2]
CHINESE = "清晨，老人走出家门，久久地望着江面上缓缓驶过的船。风很冷，天空却亮得像一面镜子。\n"
ARABIC = "في الصباح خرج الرجل العجوز من البيت ونظر طويلا إلى البحر وكانت الريح باردة.\n"
EMOJI = "😀😃 one 👩‍👩‍👧 family 🇫🇷😀 two 😃😀 three\n"
UNSEEN = "\ue000"  # in no text here

documents = st.lists(st.text("abc \n", max_size=30), max_size=3)


def by_hand(train: list[str], held_out: list[str], order: int) -> list[float]:
    """Compute the formula as it is in the literature, with dictionaries, one character at a time."""
    alphabet = set("".join(train))
    followers: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for text in train:
        for place, symbol in enumerate(text):
            for length in range(min(place, order - 1) + 1):
                followers[text[place - length : place]][symbol] += 1

    def probability(symbol: str, context: str) -> float:
        shorter = probability(symbol, context[1:]) if context else 1 / (len(alphabet) + 1)
        seen = followers[context]
        if not seen:
            return shorter
        return (seen[symbol] + len(seen) * shorter) / (seen.total() + len(seen))

    return [
        -math.log(probability(symbol, text[max(0, place - order + 1) : place]))
        + (0 if symbol in alphabet else math.log(0x110000))
        for text in held_out
        for place, symbol in enumerate(text)
    ]


@given(documents, st.lists(st.text("abcd \n", max_size=30), max_size=3))
def test_ngrams_cost_what_the_formula_says(train: list[str], held_out: list[str]) -> None:
    for order, nats in enumerate(ngram_nats(train, held_out), 1):
        np.testing.assert_allclose(nats, by_hand(train, held_out, order), rtol=1e-9)


def test_lookups_in_blocks_are_lookups(monkeypatch: pytest.MonkeyPatch) -> None:
    train, held_out = split_held_out(sample_text()[:5000] + EMOJI * 5)
    whole = list(ngram_nats([train], [held_out]))
    monkeypatch.setattr(module, "BLOCK", 7)
    np.testing.assert_array_equal(list(ngram_nats([train], [held_out])), whole)


@given(documents, st.text("abcd \n", max_size=8))
def test_the_chances_of_all_next_characters_sum_to_one(train: list[str], opening: str) -> None:
    alphabet = sorted(set("".join(train)))
    ways = [opening + symbol for symbol in [*alphabet, UNSEEN]]
    for nats in ngram_nats(train, ways):
        last = nats.reshape(len(ways), -1)[:, -1]
        last[-1] -= math.log(0x110000)  # the escape alone
        assert np.exp(-last).sum() == pytest.approx(1)


def test_a_document_teaches_the_same_wherever_it_stands() -> None:
    first, second, tested = ["ab" * 20], ["ba" * 30], ["abba", "baab"]
    forward, backward = ngram_nats(first + second, tested), ngram_nats(second + first, tested)
    np.testing.assert_array_equal(list(forward), list(backward))


def test_contexts_do_not_cross_documents() -> None:
    apart = list(ngram_nats(["ab", "cd"] * 50, ["a", "b", "c"]))
    for nats in apart[1:]:  # each held-out character begins its document
        np.testing.assert_array_equal(nats, apart[0])


@pytest.mark.parametrize("text", [CHINESE, ARABIC, EMOJI, "café naïve\n", "x\x00y\x00z"])
def test_any_alphabet_is_counted(text: str) -> None:
    figures = baselines([text * 30], [text * 3])
    assert figures.ngram < 0.5  # seen thirty times
    assert figures.characters_read == len(text) * 30


def test_an_alphabet_of_many_thousands_does_not_overflow() -> None:
    train = "".join(map(chr, range(0x4E00, 0x9FFF))) + "".join(map(chr, range(0x20000, 0x2A000)))
    costs = [nats.mean() for nats in ngram_nats([train * 2], [train[1000:3000]])]
    assert costs[0] == pytest.approx(math.log(len(train)), rel=0.1)
    assert costs[1:] == sorted(costs[1:], reverse=True)  # each character follows one other
    assert costs[5] < 1.5


def test_one_letter_repeated_costs_nothing() -> None:
    figures = baselines(["a" * 5000], ["a" * 500])
    assert figures.ngram < 1e-6
    assert figures.xz < 0.1


def test_letters_at_random_cost_their_entropy() -> None:
    text = "".join(random.Random(1).choices("abcdefgh", k=40_000))
    figures = baselines([text[:36_000]], [text[36_000:]])
    assert figures.ngram_order == 1
    assert figures.ngram == pytest.approx(math.log(8), abs=0.01)
    assert math.log(8) < figures.xz < math.log(8) * 1.1


def test_prose_is_learned_best_from_a_few_characters_of_context() -> None:
    train, held_out = split_held_out(sample_text())
    figures = baselines([train], [held_out])
    assert figures.ngram_order in (4, 5, 6)
    assert figures.ngram == min(figures.ngram_orders)
    assert 1.2 < figures.ngram < 1.8
    assert 1.2 < figures.xz < 1.8
    assert figures.note == ""


def test_a_repeat_of_the_training_text_is_nearly_free_for_xz() -> None:
    text = sample_text()[:50_000]
    assert xz_nats([text], [text[10_000:30_000]]) < 0.05
    assert xz_nats([text[:10_000]], [text[10_000:30_000]]) > 1


def test_xz_counts_characters_not_bytes() -> None:
    noise = "".join(random.Random(2).choices(CHINESE, k=20_000))
    assert xz_nats([noise[:18_000]], [noise[18_000:]]) > math.log(len(set(CHINESE)))


def test_of_a_long_text_the_end_is_read_and_it_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "READ", 1000)
    old, new = "old words only. " * 50, "something newer. " * 100
    figures = baselines([old, new], [new[:50]])
    assert figures.characters_read == 1000
    assert "last 1,000 characters" in figures.note
    assert figures.ngram_orders == baselines([new[-1000:]], [new[:50]]).ngram_orders


def test_the_last_documents_are_read_first(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "READ", 1000)
    figures = baselines(["ab" * 200, "ac" * 300, "ad" * 150], ["abacad"])
    assert figures.characters_read == 998  # the end of a document counts as one
    last = baselines(["ab" * 49, "ac" * 300, "ad" * 150], ["abacad"])
    assert figures.ngram_orders == last.ngram_orders


def test_an_alphabet_too_large_for_packed_keys_reads_less(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "LARGEST", 100_000)
    text = "".join(random.Random(3).choices("abcdefghij", k=500))
    assert baselines([text], ["abc"]).characters_read == 100


def test_nothing_held_out_is_refused() -> None:
    with pytest.raises(ValueError, match="Nothing is held out"):
        baselines(["some text"], [""])


def test_documents_of_one_character_and_none_do_no_harm() -> None:
    figures = baselines(["", "a", "", "b"], ["", "b", "é"])
    assert all(map(math.isfinite, figures.ngram_orders))
    assert baselines([""], ["é"]).ngram == pytest.approx(math.log(0x110000))


def test_it_can_be_run_by_itself(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text(sample_text()[:20_000])
    (tmp_path / "b.txt").write_text(sample_text()[-20_000:])
    done = run("a.txt", "b.txt", folder=tmp_path)
    figures = json.loads(done.stdout)
    assert set(figures) >= {"ngram", "ngram_order", "ngram_orders", "xz", "characters_read", "note"}
    assert figures["characters_read"] == 36_000
    assert len(figures["ngram_orders"]) == 6


def test_a_bad_file_ends_in_one_line(tmp_path: Path) -> None:
    (tmp_path / "empty.txt").touch()
    done = run("empty.txt", folder=tmp_path)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == "empty.txt: The file is empty: choose one that has text in it.\n"


def run(*files: str, folder: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "trainer", "baselines", *files]
    return subprocess.run(command, cwd=folder, env={"PYTHONPATH": str(ROOT)}, capture_output=True, text=True)


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_a_character_takes_twenty_five_bytes_at_most() -> None:
    script = """
import numpy as np
from trainer.evaluation.baselines import ngram_nats
codes = np.random.default_rng(0).zipf(1.4, 2_000_000) % 5000 + 0x4E00
text = codes.astype("<u4").tobytes().decode("utf-32-le")
del codes
def peak():
    return int(open("/proc/self/status").read().split("VmHWM:")[1].split()[0]) * 1024
open("/proc/self/clear_refs", "w").write("5")  # the peak begins anew
before = peak()
for nats in ngram_nats([text], [text[:100_000]]):
    pass
print((peak() - before) / len(text))
"""
    done = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True)
    assert 10 < float(done.stdout) < 25


def test_counting_writes_what_follows_in_the_text() -> None:
    written = counted_passage.passage(["abcdefgh" * 200], order=4, characters=200)
    assert len(written) == 200
    assert written == counted_passage.passage(["abcdefgh" * 200], order=4, characters=200)
    follows = sum(pair in "abcdefgha" for pair in map("".join, pairwise(written)))
    assert follows > 190  # the others are letters that were drawn without their context


def test_counting_joins_no_two_documents() -> None:
    written = counted_passage.passage(["ab" * 300, "cd" * 300], order=3, characters=300)
    assert set(written) <= set("abcd")
    assert counted_passage.passage([], order=3) == ""


def test_counting_of_one_letter_follows_its_frequency() -> None:
    written = counted_passage.passage(["aaab" * 500], order=1, characters=2000)
    assert 0.70 < written.count("a") / len(written) < 0.80
