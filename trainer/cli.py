"""The command line: train, sample, score, inspect, serve. Exit codes: 0 done, 2 bad input, 3 stopped on request
after a checkpoint, 4 out of memory, 1 anything else; 130 and 141 as in `trainer.console`.

TensorFlow is imported only once the input is known to be good.
"""

import argparse
import contextlib
from typing import Any, TextIO

from trainer import console, files, machine, recipe, sizing, stopping
from trainer import corpus as corpora
from trainer.decoding import TextProblem
from trainer.events import ForPeople, JsonLines, Reporter, WhileHeard, claim_stdout
from trainer.options import StandardInput, UsageProblem, parse
from trainer.recipe import RecipeProblem
from trainer.store import ModelDirectory, ModelProblem

DONE, FAILED, BAD_INPUT, STOPPED, OUT_OF_MEMORY = 0, 1, 2, 3, 4


def main(arguments: list[str], began: float) -> int:
    """Run a command and return its exit code."""
    output = claim_stdout() if "--json" in arguments or arguments[:1] == ["serve"] else None
    try:
        options = parse(arguments, _RUNS)
        return int(options.run(options, output, began))
    except (TextProblem, RecipeProblem, ModelProblem, UsageProblem) as problem:
        return _fail(output, BAD_INPUT, str(problem), "")
    except stopping.Stopped:
        return STOPPED
    except BrokenPipeError:
        raise  # `trainer.console` knows what to do
    except Exception as error:
        return _explain(error, output)


def _explain(error: Exception, output: TextIO | None) -> int:
    """Turn what went wrong on the way into an exit code and a `failed` event; what we don't know goes up."""
    if isinstance(error, MemoryError) or type(error).__name__ == "ResourceExhaustedError":
        advice = "Train with a smaller batch or with fewer units."
        return _fail(output, OUT_OF_MEMORY, "The machine ran out of memory.", advice)
    if hasattr(error, "advice"):
        return _fail(output, FAILED, str(error), error.advice)
    if isinstance(error, OSError):
        return _fail(output, BAD_INPUT if files.is_bad_name(error) else FAILED, *files.explain(error))
    raise error


def _fail(output: TextIO | None, code: int, reason: str, advice: str) -> int:
    console.remark(f"{reason} {advice}".strip())
    if output is not None:
        with contextlib.suppress(OSError):  # then the exit code has to do
            JsonLines(output).tell({"event": "failed", "reason": reason, "advice": advice})
    return code


# Commands --------------------------------------------------------------------------------------------------------


def _train(options: argparse.Namespace, output: TextIO | None, began: float) -> int:
    given = [file for file in options.files if isinstance(file, StandardInput)]
    if given and options.supervised:
        raise UsageProblem("With --supervised, standard input can't be a text too: give the text as a file.")
    for text in given:
        text.take()  # before the training listens to signals: who waits for a text can leave with Ctrl-C
    stop = stopping.StopRequest()
    stop.listen()
    if options.supervised:
        stopping.stop_with_supervisor()
    reporter: Reporter = WhileHeard(ForPeople() if output is None else JsonLines(output), stop.ask)
    directory = ModelDirectory(options.out)
    if directory.holds_a_study() and not options.resume:
        raise UsageProblem(f"{options.out} holds a study already: give --resume to go on with it, or another --out.")
    source = ModelDirectory(options.source) if options.source else None
    corpus, chosen = _prepare(options, directory, source)
    from trainer.training import Training

    Training(chosen, corpus, directory, reporter, stop, began, options.checkpoint_seconds, source).run()
    return DONE


def _prepare(
    options: argparse.Namespace, directory: ModelDirectory, source: ModelDirectory | None
) -> tuple[corpora.Corpus, recipe.Recipe]:
    """Read the text, and the recipe of the study that is resumed or else a new one; make TensorFlow ready."""
    choices = {name: getattr(options, name) for name in ("recipe", *recipe.FIELDS)}
    asked = recipe.check(choices)
    begun = directory.holds_a_study() and not (source and not directory.has_checkpoints())
    resumed = directory.recipe() if begun else None
    if source and not resumed:
        source.check()
    before = resumed or (source and source.recipe())
    reading = before or argparse.Namespace(**asked)
    corpus = corpora.read(options.files, reading.lowercase, reading.seed, reading.level)
    study = directory if resumed else source
    if study and corpus.vocabulary != study.vocabulary():
        raise UsageProblem(f"{study.path} holds the study of another text: give its own files to go on with it.")
    if resumed and resumed.first_step and not directory.has_checkpoints():
        raise UsageProblem(f"{options.out} has no checkpoint: give the model that it went on from, with --from.")
    directory.path.mkdir(parents=True, exist_ok=True)
    from trainer import tensorflow_setup

    threads = before.threads if before else options.threads or machine.cores()
    tensorflow_setup.prepare(threads, deterministic=True)
    if resumed:
        return corpus, resumed
    half = tensorflow_setup.multiplies_bfloat16()
    timed = asked.get("minutes") is not None
    speed = tensorflow_setup.reference_speed(half) if timed else sizing.TYPICAL_SPEED
    size = len(corpus.train), corpus.vocabulary.size
    if source and before:
        chosen = sizing.further(before, source.step(), choices, *size, speed)
        directory.begin_further(source, chosen)
    else:
        chosen = sizing.resolve(choices, *size, speed, threads, half, corpus.symbol_length)
        directory.begin(chosen, corpus.vocabulary)
    return corpus, chosen


def _load(options: argparse.Namespace) -> Any:
    ModelDirectory(options.model).check()
    from trainer import tensorflow_setup

    tensorflow_setup.prepare(options.threads or machine.cores(), deterministic=False)
    from trainer import reading

    return reading.load(options.model)


def _sample(options: argparse.Namespace, output: TextIO | None, began: float) -> int:
    if options.trace and output is None:
        raise UsageProblem("--trace is for programs: give --json as well.")
    model = _load(options)
    from trainer import generate

    order = _order(options)
    unknown = generate.unknown(model, options.prompt)
    if output is None:
        _print_passages(options, unknown, generate.passages(model, order))
        return DONE
    lines = JsonLines(output)
    if unknown:
        lines.tell({"event": "unknown", "characters": unknown})
    for number, text, trace in generate.passages(model, order):
        lines.tell({"event": "text", "passage": number, "text": text} | ({"trace": trace} if order.trace else {}))
    lines.tell({"event": "done"})
    return DONE


def _order(options: argparse.Namespace) -> Any:
    from trainer.generate import Order
    from trainer.tensorflow_write import Manner

    manner = Manner(options.temperature, options.top_k, options.top_p, options.penalty)
    return Order(
        options.prompt,
        options.length,
        manner,
        options.seed,
        options.passages,
        words=options.words,
        ending=options.until,
        paragraph=options.paragraph,
        trace=options.trace,
    )


def _print_passages(options: argparse.Namespace, unknown: list[str], pieces: Any) -> None:
    if unknown:
        console.remark(f"The model does not know {' '.join(map(repr, unknown))}, which it leaves out.")
    if options.passages == 1:
        print(options.prompt, end="")
        for _, text, _ in pieces:
            print(text, end="", flush=True)
        print()
        return
    texts = [options.prompt] * options.passages
    for number, text, _ in pieces:
        texts[number] += text
    print("\n\n".join(texts))


def _score(options: argparse.Namespace, output: TextIO | None, began: float) -> int:
    directory = ModelDirectory(options.model)
    directory.check()
    corpus = corpora.read_for(directory.vocabulary(), options.files, directory.recipe().lowercase)
    model = _load(options)
    from trainer import scoring, verdicts

    score = scoring.score(scoring.judge(model.network, model.vocabulary.escape_floor), corpus)
    then = directory.score()
    same_text = then.get("baselines", {}).get("ngram") == score["baselines"]["ngram"]
    score["earlier"] = then.get("earlier") if same_text else None
    if output is not None:
        JsonLines(output).tell(score)
        return DONE
    print(verdicts.table(score))
    return DONE


def _inspect(options: argparse.Namespace, output: TextIO | None, began: float) -> int:
    model = _load(options)
    from trainer import inspection

    found = inspection.inspect(model, options.text)
    if output is not None:
        JsonLines(output).tell(found)
        return DONE
    print(inspection.table(found))
    return DONE


def _serve(options: argparse.Namespace, output: TextIO | None, began: float) -> int:
    from trainer import serve

    assert output is not None
    return serve.serve(JsonLines(output), options.threads or machine.cores(), options.cache_mb * 1_000_000)


_RUNS = {"train": _train, "sample": _sample, "score": _score, "inspect": _inspect, "serve": _serve}
