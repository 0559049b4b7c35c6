"""The command `train`: it reads the text, makes or resumes a recipe, and trains."""

import argparse
from dataclasses import replace
from typing import Any, TextIO

from trainer.cli.arguments import StandardInput, UsageProblem, voices_of_files
from trainer.cli.reporters import ForPeople, JsonLines, UntilClosed
from trainer.contract import continuing, pace, procedures, sizing, voices
from trainer.contract import recipe as recipes
from trainer.contract.events import Reporter
from trainer.contract.exit_codes import ExitCode
from trainer.contract.recipe import Recipe
from trainer.contract.wording import counted
from trainer.data import corpus as corpora
from trainer.data.corpus import Corpus
from trainer.engine import processor
from trainer.storage.model_directory import ModelDirectory
from trainer.training import stopping


def train(options: argparse.Namespace, output: TextIO | None, began: float) -> int:
    """Train a new model, resume a training, or train a model further, with its own text or with another one.

    `began` is the start of the process (`time.perf_counter()`).
    """
    _take_standard_input(options)
    stop = stopping.StopRequest()
    stop.listen()
    if options.supervised:
        stopping.stop_with_supervisor()
    reporter: Reporter = UntilClosed(ForPeople() if output is None else JsonLines(output), stop.ask)
    directory = ModelDirectory(options.out)
    if directory.holds_a_study() and not options.resume:
        raise UsageProblem(f"{options.out} holds a study already: give --resume to go on with it, or another --out.")
    base = ModelDirectory(options.base) if options.base else None
    corpus, recipe = _prepare(options, directory, base)
    from trainer.training.loop import Training

    Training(recipe, corpus, directory, reporter, stop, began, options.checkpoint_seconds, base).run()
    return ExitCode.DONE


def _take_standard_input(options: argparse.Namespace) -> None:
    """Read the text on standard input before the training handles signals, so that Ctrl-C still ends the waiting."""
    given = [file for file in options.files if isinstance(file, StandardInput)]
    if given and options.supervised:
        raise UsageProblem("With --supervised, standard input can't be a text too: give the text as a file.")
    for text in given:
        text.take()


def _prepare(
    options: argparse.Namespace, directory: ModelDirectory, base: ModelDirectory | None
) -> tuple[Corpus, Recipe]:
    """Return the corpus and the recipe: that of the resumed study, or a new one. Prepare TensorFlow."""
    choices = {name: getattr(options, name) for name in ("recipe", *recipes.FIELDS)}
    asked = recipes.check(choices)
    resumed = _resumed(directory, base)
    if base and not resumed:
        base.check()
    before = resumed or (base and base.recipe())
    reading = before or argparse.Namespace(**asked)
    study = directory if resumed else base
    known = study.vocabulary() if study else None
    corpus = corpora.read(options.files, reading.lowercase, reading.seed, reading.level, options.frozen, known)
    is_same_text = corpus.vocabulary == known
    if resumed:
        _check_resumed(resumed, directory, is_same_text)
    # Who names a recipe wants the text read anew by it, even if it is the one that the model has learned.
    goes_on = is_same_text and (bool(resumed) or choices["recipe"] is None)
    corpus = corpus.weighted(before.weights if before and goes_on else _weights(options))
    directory.path.mkdir(parents=True, exist_ok=True)
    threads = before.threads if before else options.threads or processor.cores()
    _prepare_tensorflow(threads)
    if resumed:
        return _voiced(corpus, resumed), resumed
    is_timed, names = asked.get("minutes") is not None, voices_of_files(options)
    recipe = _Beginning(choices, is_timed, corpus, directory, threads, names).recipe(base, goes_on)
    return _voiced(corpus, recipe), recipe


def _prepare_tensorflow(threads: int) -> None:
    """Import TensorFlow for a training. That takes seconds, so it comes after the checks of what was asked for."""
    from trainer.engine import setup

    setup.prepare(threads, deterministic=True)


def _check_resumed(resumed: Recipe, directory: ModelDirectory, is_same_text: bool) -> None:
    if not is_same_text:
        raise UsageProblem(f"{directory.path} holds the study of another text: give its own files to go on with it.")
    if (resumed.first_step or resumed.fine_tuned) and not directory.has_checkpoints():
        raise UsageProblem(f"{directory.path} has no checkpoint: give the model that it went on from, with --from.")


def _voiced(corpus: Corpus, recipe: Recipe) -> Corpus:
    """Return the corpus with the voices of a recipe, if it has any."""
    if not recipe.voices:
        return corpus
    if len(recipe.document_voices) != corpus.documents:
        count = counted(len(recipe.document_voices), "file")
        raise UsageProblem(f"The model has learned the voices of {count}: give as many, in the same order.")
    return corpus.voiced(tuple(map(recipe.voice_number, recipe.document_voices)))


def _resumed(directory: ModelDirectory, base: ModelDirectory | None) -> Recipe | None:
    """Return the recipe of the study in the directory, if it can be resumed; else None.

    A study that was to train a base further, but ended before its first checkpoint, begins anew.
    """
    is_begun = directory.holds_a_study() and not (base and not directory.has_checkpoints())
    return directory.recipe() if is_begun else None


def _weights(options: argparse.Namespace) -> tuple[float, ...]:
    weights: tuple[float, ...] = options.weights
    if weights and len(weights) != len(options.files):
        raise UsageProblem(
            f"--weights takes one number for each file: there are {len(options.files)} files, not {len(weights)}."
        )
    if weights and not procedures.of_choices(vars(options)).is_sized:
        raise UsageProblem("The tutorial recipe reads every file once in an epoch: leave --weights out.")
    return weights


class _Beginning:
    """Sizes a new recipe to the text, the budget and the machine, and writes the first files of the directory."""

    def __init__(
        self,
        choices: dict[str, Any],
        is_timed: bool,
        corpus: Corpus,
        directory: ModelDirectory,
        threads: int,
        voice_names: tuple[str, ...],
    ) -> None:
        from trainer.engine import setup, speed
        from trainer.engine.native import library

        half = setup.multiplies_bfloat16()
        is_native = not setup.has_gpu() and library.chosen(half)[0] is not None
        self._choices, self._directory, self._vocabulary = choices, directory, corpus.vocabulary
        reference = speed.reference_speed(half) if is_timed else pace.TYPICAL_SPEED
        self._weights, self._voice_names = corpus.train.weights, voice_names
        self._size = len(corpus.train), corpus.vocabulary.size, reference
        rest = {"half_products": half, "symbol_length": corpus.symbol_length, "is_native": is_native}
        self._rest: dict[str, Any] = {"threads": threads, **rest}

    def recipe(self, base: ModelDirectory | None, goes_on: bool) -> Recipe:
        """Begin a new model, or the training of another one: it goes on with its text, or learns one by a recipe."""
        if base is None:
            return self.new()
        return self.further(base) if goes_on else self.fine_tuned(base)

    def new(self) -> Recipe:
        """Begin a new model."""
        sized = sizing.resolve(self._choices, *self._size, **self._rest)
        recipe = voices.learned(replace(sized, weights=self._weights), self._voice_names)
        self._directory.begin(recipe, self._vocabulary)
        return recipe

    def further(self, base: ModelDirectory) -> Recipe:
        """Begin the further training of a model with its own text."""
        recipe = continuing.further(base.recipe(), base.step(), self._choices, *self._size)
        self._directory.begin_further(base, recipe)
        return recipe

    def fine_tuned(self, base: ModelDirectory) -> Recipe:
        """Begin the training of a model with another text."""
        before = base.recipe()
        found = continuing.fine_tuned(before, self._choices, *self._size, **self._rest)
        recipe = voices.learned(replace(found, weights=self._weights), self._voice_names, before.voice_names)
        self._directory.begin(recipe, self._vocabulary)
        return recipe
