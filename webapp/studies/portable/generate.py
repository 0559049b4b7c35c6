"""Writes with the model in this folder, as the site does with the same settings. It needs Python and numpy alone."""

import argparse
import json
import re
from itertools import accumulate
from pathlib import Path
from unicodedata import category, normalize
from zlib import crc32

import numpy as np
from numpy.random import Generator, Philox, SeedSequence

WORD = "um*|b?q?l[lmj]*|b?d[dm]*|b?[mpqjf]+|n+|[bs]+(?![^bsn])|[bs]"
CHARACTER = "(?:ff|.)[mj]*(?:(?<=j)p[mj]*)*"  # both by the kinds of code points: letters, digits, marks, joiners, …
KINDS = dict(zip("\n '’\t\u200c\u200d", "nbqqsjj", strict=True)) | {chr(flag): "f" for flag in range(0x1F1E6, 0x1F200)}
KINDS |= {chr(part): "m" for part in (*range(0x1F3FB, 0x1F400), *range(0xE0020, 0xE0080))}  # of emoji
HAN = "3005-3008 3021-302a 3041-3097 309d-30a0 30a1-30fb 30fd-3100 31f0-3200 3400-4dc0 4e00-a000 f900-fb00 20000-323b0"
KINDS |= {chr(han): "u" for span in HAN.split() for han in range(*(int(end, 16) for end in span.split("-")))}  # kana
RECIPE, VOCABULARY = (json.loads(Path(__file__).with_name(f"{of}.json").read_text()) for of in ("recipe", "vocabulary"))
SYMBOLS = [*VOCABULARY["characters"], *VOCABULARY["longer"]]  # and at last the escape, which is never written
NUMBERS = {symbol: number for number, symbol in enumerate(SYMBOLS)}
DATA = Path(__file__).with_name("weights.safetensors").read_bytes()  # the length of the header, the header, the arrays
START, WEIGHTS = 8 + int.from_bytes(DATA[:8], "little"), dict[str, np.ndarray]()
for place, array in json.loads(DATA[8:START]).items():
    WEIGHTS[place] = np.ndarray(array["shape"], "<f4", DATA, START + array["data_offsets"][0])
NETWORKS = [place.removesuffix("outputs/bias") for place in WEIGHTS if place.endswith("outputs/bias")]
WINDOW = 0 if f"{NETWORKS[0]}inputs/embeddings" in WEIGHTS else RECIPE["sequence"]  # that the tutorial's network reads


def read(symbol: int, states: dict[str, np.ndarray]) -> np.ndarray:  # the log-probabilities of what comes next
    found = []
    for network in NETWORKS:  # their probabilities are averaged
        x = np.array([symbol / len(SYMBOLS)], "f4") if WINDOW else WEIGHTS[f"{network}inputs/embeddings"][symbol]
        x, total = x + WEIGHTS.get(f"{network}inputs/voices", np.zeros((1, 1), "f4")).mean(0), 0  # the mean: no voice
        for layer in (f"{network}recurrent_{number}/" for number in range(RECIPE["layers"])):
            w, u, b = (WEIGHTS[layer + part] for part in ("kernel", "recurrent_kernel", "bias"))
            h, c = states.get(layer, np.zeros((2, RECIPE["units"]), "f4"))
            for m in (WEIGHTS[part] for part in sorted(WEIGHTS) if part.startswith(f"{layer}mogrifier")):
                x, h = h, (1 + np.tanh(0.5 * (h @ m))) * x  # they scale each other in turn
            if RECIPE["cell"] == "lstm":
                i, f, new, o = np.split(x @ w + h @ u + b, 4)
                i, f, o = (0.5 + 0.5 * np.tanh(0.5 * gate) for gate in (i, f, o))  # sigmoids
                x = o * np.tanh(c := f * c + i * np.tanh(new))
            elif RECIPE["cell"] == "gru":
                (z, r, new), (uz, ur, un) = np.split(x @ w + b[0], 3), np.split(h @ u + b[1], 3)
                z, r = (0.5 + 0.5 * np.tanh(0.5 * gate) for gate in (z + uz, r + ur))
                x = z * h + (1 - z) * np.tanh(new + r * un)
            else:
                x = np.tanh(x @ w + h @ u + b)
            states[layer], total = np.stack((x, c)), x + total * RECIPE.get("skips", 0)  # with skips, of all layers
        logits = (total @ WEIGHTS[f"{network}outputs/kernel"] + WEIGHTS[f"{network}outputs/bias"]).astype(float)
        found.append(logits - np.logaddexp.reduce(logits))
    return np.asarray(np.logaddexp.reduce(found)[:-1])


def cut(text: str, pattern: str) -> list[str]:
    kinds = (KINDS.get(c) or "lmdsp"["LMNZ".find(category(c)[0])] for c in text)
    return [text[found.start() : found.end()] for found in re.finditer(pattern, "".join(kinds))]


def numbers(text: str) -> list[int]:  # unknown words are spelled, unknown characters left out
    units = cut(text, WORD) if VOCABULARY["level"] == "word" else [text]
    parts = [part for unit in units for part in ([unit] if unit in NUMBERS else cut(unit, CHARACTER))]
    symbols = [symbol for part in parts for symbol in ([part] if part in NUMBERS else part)]
    return [NUMBERS[symbol] for symbol in symbols[-5000:] if symbol in NUMBERS]


def write(prompt: str, length: int, temperature: float, seed: int) -> str:
    keys = [seed, crc32(b"opening")], [seed, crc32(b"passage"), 0]
    places, chances = (Generator(Philox(SeedSequence(key))) for key in keys)
    known, openings, written, states = "".join(SYMBOLS), VOCABULARY["openings"], "", dict[str, np.ndarray]()
    prompt = prompt.lower() if RECIPE["lowercase"] or known == known.lower() != known.upper() else prompt
    apart = [normalize("NFD", symbol) for symbol in SYMBOLS] == SYMBOLS != [normalize("NFC", one) for one in SYMBOLS]
    prompt = normalize("NFD" if apart else "NFC", prompt.replace("\r\n", "\n"))[-20000:]
    last = cut(prompt, WORD)[-1] if VOCABULARY["level"] == "word" and prompt else ""
    ways = [number for symbol, number in NUMBERS.items() if last and symbol.startswith(last)]
    begun = last if ways and (last == " " or last not in NUMBERS) else ""  # its end is chosen first
    opening = openings[places.integers(len(openings))] if WINDOW else "\n" if "\n" in known else openings[0]
    symbols = numbers(prompt.removesuffix(begun)) or (numbers(opening) or [0])[: None if WINDOW else 1]
    while len(written) < len(begun) + length:
        symbols, states = ((symbols * WINDOW)[-WINDOW:], {}) if WINDOW else (symbols, states)
        logits = [read(symbol, states) for symbol in symbols][-1]
        chance = min(np.float32(chances.random()), np.float32(1 - 1e-6))
        if begun and not written:
            logits[[number for number in NUMBERS.values() if number not in ways]] = -1e9
            chances.random()
        shares = np.exp((logits - logits.max()) / (temperature or 1)).cumsum()
        chosen = int((shares <= chance * shares[-1]).sum() if temperature else logits.argmax())
        symbols, written = [*symbols, chosen] if WINDOW else [chosen], written + SYMBOLS[chosen]
    parts = cut(written[len(begun) :], CHARACTER)
    return "".join(part for part, end in zip(parts, accumulate(map(len, parts)), strict=True) if end <= length)


asked = argparse.ArgumentParser(description=__doc__)
asked.add_argument("prompt", nargs="?", default="", help="how the text begins")
for option, default in {"length": 600, "temperature": 0.8, "seed": 1}.items():
    asked.add_argument(f"--{option}", type=type(default), default=default, help=f"default: {default}")
print(write(**vars(asked.parse_args())))
