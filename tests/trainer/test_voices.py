"""Tests of voices: a model that knows which document it reads, and writes in the voice of each, and in mixtures."""

import json
import random
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from tests.trainer.conftest import SHALLOW, Running, Serving, Trained, loaded, trainer, without_times
from trainer.contract import sizing
from trainer.contract import voices as voice_names
from trainer.contract.layout import HISTORY, RECIPE, SAMPLES, SCORE, WEIGHTS
from trainer.contract.recipe import MOST_VOICES, Recipe, RecipeProblem, check
from trainer.contract.writing_settings import SamplingOptions
from trainer.data.streams import Streams
from trainer.data.training_text import TrainingText
from trainer.inspection import attribution, gates
from trainer.text import voices

#: Two authors who begin alike: what follows can be told by the voice alone.
WORDS = {"owl": "night moon dark wing tree", "lark": "morning sun bright song field"}
LEARNING = [*SHALLOW, "--rate", "0.02", "--voices", "--json", "--checkpoint-seconds", "0"]


def _text(author: str, characters: int = 6_000) -> str:
    drawn = random.Random(author).choices(WORDS[author].split(), k=characters)
    return "".join(f"the {word} and " for word in drawn)[:characters]


@pytest.fixture(scope="module")
def texts(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    folder = tmp_path_factory.mktemp("authors")
    for author in WORDS:
        (folder / f"{author}.txt").write_text(_text(author))
    return [folder / f"{author}.txt" for author in WORDS]


@pytest.fixture(scope="module")
def voiced(texts: list[Path], tmp_path_factory: pytest.TempPathFactory) -> Trained:
    model = tmp_path_factory.mktemp("voiced") / "model"
    done = trainer("train", *texts, "--out", model, *LEARNING, "--steps", 300)
    assert done.code == 0, done.errors
    return Trained(model, done)


def _counted(text: str) -> dict[str, int]:
    """Return how many words of each author a text has."""
    return {author: sum(text.count(word) for word in words.split()) for author, words in WORDS.items()}


def _written(model: Path, *voice: object) -> str:
    done = trainer("sample", model, "--length", 400, "--temperature", "0.5", "--passages", 2, *voice)
    assert done.code == 0, done.errors
    return done.output


# What is read ----------------------------------------------------------------------------------------------------


def test_every_input_has_the_voice_of_its_document_and_no_target_has_one() -> None:
    ids = np.concatenate([np.full(100, 7), np.full(60, 8)])
    for weights in ((), (1.0, 2.5)):
        streams = Streams(TrainingText(ids, (100, 60), weights, (1, 2)), 4, 5, 1)
        assert np.array_equal(_read(streams)[2], _read(Streams(TrainingText(ids, (100, 60), weights), 4, 5, 1))[2])
        symbols, of_voices, targets = _read(streams)
        assert set(np.unique(targets)) == set(np.unique(symbols)) == {7, 8}
        spoken = of_voices != voices.MEAN
        assert np.array_equal(of_voices[spoken], symbols[spoken] - 6)


def test_some_streams_are_read_without_a_voice_and_they_change_from_epoch_to_epoch() -> None:
    streams = Streams(TrainingText(np.arange(6_000) % 9, (6_000,), (), (1,)), 40, 5, 1)
    without = [streams.at(epoch * streams.steps_per_epoch)[0] < 9 for epoch in range(20)]
    assert all(len(set(row)) == 1 for epoch in without for row in epoch.tolist())
    assert 0.05 < np.mean(without) < 0.2
    assert len({tuple(epoch[:, 0]) for epoch in without}) > 10


def _read(streams: Streams) -> list[np.ndarray]:
    """Return symbols, voices and targets of three epochs."""
    steps = [streams.at(step) for step in range(3 * streams.steps_per_epoch)]
    symbols, of_voices = voices.parted(np.stack([inputs for inputs, _, _ in steps]))
    return [symbols, of_voices, np.stack([targets for _, targets, _ in steps])]


# What the network makes of it ------------------------------------------------------------------------------------


def _recipe(**choices: object) -> Recipe:
    recipe = sizing.resolve({"steps": 1, "units": 8, "layers": 1, "voices": True, **choices}, 10_000, 12)
    return voice_names.learned(recipe, ["owl", "lark", "wren"])


@pytest.mark.parametrize("choices", [{"cell": "lstm"}, {"cell": "gru"}, {"cell": "rnn"}, {"networks": 2}], ids=str)
def test_a_mixture_writes_as_the_mean_of_its_rows_reads(choices: dict[str, object]) -> None:
    """Symbols with a voice, as they are read, and a voice that is added while it writes, are the same to a network."""
    from trainer.procedures import choice

    network = choice.procedure_of(_recipe(**choices)).network(12, gpu=False)
    for member in network.members:
        rows = member.variables["inputs/voices"]
        rows.assign(np.random.default_rng(1).normal(size=rows.shape))
    ids, zero = np.arange(10)[None], network.zero_states(1)
    for number, shares in ((1, [1, 0, 0]), (3, [0, 0, 1]), (voices.MEAN, [1 / 3, 1 / 3, 1 / 3])):
        expected, _ = network(voices.spoken(ids, number), zero)
        states, added = zero, network.voice(np.array(shares))
        for place in range(10):
            logits, states = network.step(ids[:, place], states, added)
            assert np.allclose(logits, np.asarray(expected)[:, place], atol=1e-5)
    assert not np.allclose(network(ids, zero)[0], network(voices.spoken(ids, 1), zero)[0], atol=1e-3)


def test_both_writers_write_in_a_voice() -> None:
    from trainer.engine import native_writing
    from trainer.engine.network import StreamNetwork
    from trainer.engine.writing import Writer

    network = StreamNetwork(_recipe(units=16), 12, gpu=False)
    network.outputs.kernel.assign(network.outputs.kernel.value * 5)
    network.inputs.weights[1].assign(np.random.default_rng(1).normal(0, 2, (3, network.recipe.embedding)))
    lengths, greedy = np.ones(12, np.uint8), SamplingOptions(0.0)
    writers = [Writer(network, lengths), native_writing.writer(network, lengths)]
    written = []
    for shares in ([1.0, 0, 0], [0, 1.0, 0], [0.5, 0.5, 0]):
        voice, uniform = network.voice(np.array(shares)), np.zeros((writers[0].chunk, 2), np.float32)
        memories = [writer.remember(np.arange(9), 2, greedy, voice) for writer in writers]
        pairs = zip(writers, memories, strict=True)
        found = [writer.write(memory, uniform, 40, greedy)[0].symbols for writer, memory in pairs]
        assert np.array_equal(found[0], found[1])
        written.append(found[0][:, 0].tolist())
    assert written[0] != written[1]


def test_a_known_voice_keeps_its_row_and_a_new_one_begins_with_the_mean() -> None:
    from trainer.engine.voices import fitted

    weights = {"network_0/inputs/voices": np.array([[1.0, 4.0], [3.0, 8.0]]), "outputs/bias": np.zeros(3)}
    found = fitted(weights, ["owl", "lark"], ["lark", "wren"])
    assert found["network_0/inputs/voices"].tolist() == [[3, 8], [2, 6]]
    assert found["outputs/bias"] is weights["outputs/bias"]


# A training ------------------------------------------------------------------------------------------------------


def test_held_out_text_is_predicted_better_in_its_own_voice(voiced: Trained, texts: list[Path]) -> None:
    score = json.loads((voiced.path / SCORE).read_text())
    assert [voice["name"] for voice in score["voices"]] == ["owl", "lark"]
    assert [voice["characters"] for voice in score["voices"]] == [600, 600]
    assert all(voice["with"] < voice["without"] - 0.01 for voice in score["voices"])
    mean = np.mean([voice["with"] for voice in score["voices"]])
    assert score["held_out"]["whole"]["carried"] == pytest.approx(mean, abs=1e-5)
    swapped = trainer("score", voiced.path, *texts, "--voice-name", "lark", "--voice-name", "owl", "--json")
    assert swapped.events[0]["held_out"]["whole"]["carried"] > mean + 0.05
    table = trainer("score", voiced.path, *texts).output
    assert "by document" in table and "lark" in table


def test_it_writes_in_each_voice_and_in_mixtures(voiced: Trained) -> None:
    owl, lark = (_counted(_written(voiced.path, "--voice", author)) for author in WORDS)
    assert owl["owl"] > 3 * owl["lark"] and lark["lark"] > 3 * lark["owl"]
    mixed = _written(voiced.path, "--voice", "owl=0.5", "--voice", "lark=0.5")
    assert min(_counted(mixed).values()) > 2
    assert mixed == _written(voiced.path, "--voice", "lark=3", "--voice", "owl=3")
    assert mixed == _written(voiced.path), "of two voices, half and half is their mean, which stands for no voice"


def test_serve_takes_shares_and_names_the_voices_that_there_are(voiced: Trained, serving: Serving) -> None:
    wanted = {"model": str(voiced.path), "length": 400, "temperature": 0.5, "passages": 2}
    found = serving.texts(**wanted, voices={"owl": 1})
    assert "\n\n".join(found.values()) + "\n" == _written(voiced.path, "--voice", "owl")
    refused = serving.ask(do="sample", **wanted, voices={"wren": 1})[-1]
    assert refused["reason"] == "The model has no voice called 'wren'. It has owl, lark."


def test_memory_and_units_are_measured_in_a_voice(voiced: Trained, texts: list[Path], serving: Serving) -> None:
    wanted = {"model": str(voiced.path), "files": [str(texts[0])]}
    own, other = (serving.ask(do="memory", **wanted, voices={name: 1})[-1] for name in ("owl", "lark"))
    assert own["context"][-1][1] < other["context"][-1][1] - 0.02, "the owl's text is likelier in the owl's voice"
    done = trainer("memory", voiced.path, texts[0], "--voice", "owl", "--json")
    assert done.events[-1]["context"] == own["context"]
    of_units = [serving.ask(do="units", **wanted, voices=shares)[-1]["units"] for shares in ({"owl": 1}, {})]
    assert of_units[0] and of_units[0] != of_units[1]
    assert trainer("units", voiced.path, texts[0], "--voice", "wren").code == 2


def test_samples_of_a_training_are_in_the_voices_in_turn(voiced: Trained) -> None:
    of_samples = [event["voice"] for event in voiced.run.named("sample")]
    assert set(of_samples) == set(WORDS)
    kept = [json.loads(line) for line in (voiced.path / SAMPLES).read_text().splitlines()]
    assert [line["voice"] for line in kept] == of_samples


def test_killed_and_resumed_it_ends_in_the_same_bytes(texts: list[Path], voiced: Trained, tmp_path: Path) -> None:
    model = tmp_path / "model"
    first = Running("train", *texts, "--out", model, *LEARNING, "--steps", 300)
    first.until("checkpoint", 40)
    first.kill()
    done = trainer("train", *texts, "--out", model, "--resume", *LEARNING, "--steps", 300)
    assert done.code == 0, done.errors
    assert done.events[0]["step"] > 0
    for name in (WEIGHTS, SAMPLES, SCORE):
        assert (model / name).read_bytes() == (voiced.path / name).read_bytes()
    assert without_times(model / HISTORY) == without_times(voiced.path / HISTORY)


def test_another_document_gets_another_voice(voiced: Trained, tmp_path: Path) -> None:
    other = tmp_path / "wren.txt"
    other.write_text(_text("owl").replace("and", "or"))
    done = trainer("train", other, "--out", tmp_path / "model", "--from", voiced.path, "--steps", 8, "--json")
    assert done.code == 0, done.errors
    recipe = Recipe.from_json((tmp_path / "model" / RECIPE).read_text())
    assert (recipe.voice_names, recipe.document_voices) == (("owl", "lark", "wren"), ("wren",))
    assert _counted(_written(tmp_path / "model", "--voice", "owl"))["owl"] > 0


def test_trained_further_it_keeps_its_voices(voiced: Trained, texts: list[Path], tmp_path: Path) -> None:
    model = tmp_path / "model"
    done = trainer("train", *texts, "--out", model, "--from", voiced.path, "--steps", 5, "--json")
    assert done.code == 0, done.errors
    assert loaded(model).recipe.document_voices == ("owl", "lark")
    assert done.events[-1]["best"] <= voiced.run.events[-1]["best"] + 1e-6


def test_words_and_several_networks_learn_voices_too(texts: list[Path], tmp_path: Path) -> None:
    options = [*LEARNING, "--level", "word", "--cell", "gru", "--networks", 2, "--steps", 6]
    done = trainer("train", *texts, "--out", tmp_path / "model", *options)
    assert done.code == 0, done.errors
    assert len(_written(tmp_path / "model", "--voice", "lark")) > 400


# What is refused -------------------------------------------------------------------------------------------------


def test_a_voice_that_is_not_known_is_one_sentence(voiced: Trained, shallow: Trained) -> None:
    refused = trainer("sample", voiced.path, "--voice", "wren")
    assert (refused.code, refused.errors) == (2, "The model has no voice called 'wren'. It has owl, lark.\n")
    refused = trainer("sample", shallow.path, "--voice", "owl")
    assert refused.errors == "The model has no voice called 'owl'. It has learned no voices.\n"
    assert trainer("sample", voiced.path, "--voice", "owl=0").code == 2
    assert trainer("sample", voiced.path, "--voice", "owl=-1").code == 2


def test_one_document_has_no_voices(texts: list[Path], tmp_path: Path) -> None:
    refused = trainer("train", texts[0], "--out", tmp_path / "model", *LEARNING, "--steps", 5)
    assert refused.code == 2
    assert "give two documents or more" in refused.errors


def test_voices_are_those_of_the_model_when_it_learns_another_text(
    texts: list[Path], shallow: Trained, tmp_path: Path
) -> None:
    options = ["--out", tmp_path / "model", "--from", shallow.path, "--voices", "--steps", 5]
    refused = trainer("train", *texts, *options)
    assert refused.code == 2
    assert "voices can't be chosen" in refused.errors


def test_a_model_has_so_many_voices_and_the_tutorial_none() -> None:
    recipe = sizing.resolve({"steps": 1, "voices": True}, 10_000, 12)
    with pytest.raises(RecipeProblem, match=f"at most {MOST_VOICES} voices"):
        voice_names.learned(recipe, [str(number) for number in range(MOST_VOICES + 1)])
    with pytest.raises(RecipeProblem, match="voices can't be chosen"):
        check({"recipe": "tutorial", "voices": True})
    plain = sizing.resolve({"steps": 1}, 10_000, 12)
    assert voice_names.learned(plain, ["owl", "lark"]) is plain


@pytest.mark.parametrize(
    "changed",
    [{"voices": False}, {"voice_names": ()}, {"voice_names": ("owl", "owl", "lark")}, {"voice_names": ("owl", 5)},
     {"document_voices": ("crow",)}, {"voice_names": "owl"}, {"voice_names": ("",) * 2}],
    ids=str,
)  # fmt: skip
def test_a_recipe_whose_voices_do_not_fit_is_damaged(changed: dict[str, object]) -> None:
    sound = replace(_recipe(), document_voices=("owl", "lark"))
    assert Recipe.from_json(sound.to_json()) == sound
    with pytest.raises(RecipeProblem, match="voices"):
        Recipe.from_json(json.dumps(json.loads(sound.to_json()) | changed))


def test_voices_are_named_after_the_documents_each_by_another_name() -> None:
    assert voice_names.named(["Emma.txt", "Letters", "Emma.docx", "Mr. Hyde", ".txt"]) == (
        "Emma", "Letters", "Emma (2)", "Mr. Hyde", ".txt",
    )  # fmt: skip
    long = voice_names.named(["x" * 300, "x" * 300 + ".txt", " "])
    assert len(set(long)) == 3 and max(map(len, long)) <= 200


def test_it_is_looked_into_in_a_voice_and_in_a_mixture(voiced: Trained, serving: Serving) -> None:
    model, text = loaded(voiced.path), "the "
    number = model.vocabulary.encode(text)

    def expected(*shares: float) -> np.ndarray:
        """Return what the network itself expects, which reads the symbols with what the voices add."""
        states = model.network.zero_states(1)
        for symbol in number.astype(int):
            voice = model.network.voice(np.array(shares))
            logits, states = model.network.step(np.array([symbol]), states, voice)
        logits = np.asarray(logits)[0, : model.vocabulary.escape]
        return np.asarray(np.exp(logits - logits.max()) / np.exp(logits - logits.max()).sum())

    for chosen, shares in (({"owl": 1.0}, (1.0, 0.0)), ({"lark": 3, "owl": 1}, (0.25, 0.75))):
        found = gates.inspect(model, text, chosen)
        likeliest = expected(*shares)[found.next_ids[-1]]
        np.testing.assert_allclose(found.next_probabilities[-1], likeliest, atol=1e-4)
    words = ["--voice", "owl=1", "--voice", "lark=3"]
    run = trainer("inspect", voiced.path, "--text", text, *words, "--json").events[-1]
    asked = {"model": str(voiced.path), "text": text, "voices": {"owl": 1, "lark": 3}}
    served = serving.ask(do="inspect", **asked)[-1]
    assert run["next_probabilities"] == served["next_probabilities"]
    owl, lark = (
        attribution.attribute(model, text + "wing", 4, actual=True, voices={author: 1.0}).probability
        for author in WORDS
    )
    assert owl > 2 * lark
    assert serving.ask(do="attribute", **asked, place=2)[-1]["event"] == "done"
    for do in ("inspect", "attribute"):
        refused = serving.ask(do=do, **asked | {"voices": {"wren": 1}, "place": 2})[-1]
        assert refused["reason"] == "The model has no voice called 'wren'. It has owl, lark."


def test_it_is_looked_into_without_a_voice_and_its_units_are_held_in_one(voiced: Trained, texts: list[Path]) -> None:
    text = texts[0].read_text()[:40]
    inspected = trainer("inspect", voiced.path, "--text", text, "--json")
    assert inspected.code == 0, inspected.errors
    model = loaded(voiced.path)
    states = model.network.zero_states(1)
    for symbol in model.vocabulary.encode(text).astype(int):
        _, states = model.network.step(np.array([symbol]), states)
    hidden = inspected.events[-1]["layers"][0]["hidden"][-1]
    np.testing.assert_allclose(hidden, np.asarray(states[0][0])[0], atol=1e-4)
    writing = ["sample", voiced.path, "--length", 80, "--voice", next(iter(WORDS))]
    held = [word for unit in range(8) for word in ("--hold", f"0:{unit}=1")]
    assert trainer(*writing).output != trainer(*writing, *held).output
