"""The command line: train, sample, score, inspect, serve. Exit codes: 0 done, 2 bad input, 3 stopped on request
after a checkpoint, 4 out of memory, 1 anything else; 130 and 141 as in `trainer.contract.console`.

TensorFlow is imported only once the input is known to be good.
"""

import argparse
import contextlib
import json
from typing import Any, TextIO

from trainer.cli import arguments
from trainer.cli.arguments import StandardInput, UsageProblem
from trainer.cli.reporters import ForPeople, JsonLines, WhileHeard, claim_stdout
from trainer.contract import console, file_errors, recipe, sizing
from trainer.contract.answers import Done, Text, Unknown
from trainer.contract.decoding import TextProblem
from trainer.contract.documents import check_trainable, read_files, split_held_out
from trainer.contract.events import Failed, Reporter
from trainer.contract.exit_codes import ExitCode
from trainer.contract.recipe import RecipeProblem
from trainer.data import corpus as corpora
from trainer.engine import processor
from trainer.storage.model_directory import ModelDirectory, ModelProblem
from trainer.training import stopping


def main(words: list[str], began: float) -> int:
    """Run a command and return its exit code."""
    output = claim_stdout() if "--json" in words or words[:1] == ["serve"] else None
    try:
        options = arguments.parse(words, _RUNS)
        return int(options.run(options, output, began))
    except (TextProblem, RecipeProblem, ModelProblem, UsageProblem) as problem:
        return _fail(output, ExitCode.BAD_INPUT, str(problem), "")
    except stopping.Stopped:
        return ExitCode.STOPPED
    except BrokenPipeError:
        raise  # `trainer.contract.console` knows what to do
    except Exception as error:
        return _explain(error, output)


def _explain(error: Exception, output: TextIO | None) -> int:
    """Turn what went wrong on the way into an exit code and a `failed` event; what we don't know goes up."""
    if isinstance(error, MemoryError) or type(error).__name__ == "ResourceExhaustedError":
        advice = "Train with a smaller batch or with fewer units."
        return _fail(output, ExitCode.OUT_OF_MEMORY, "The machine ran out of memory.", advice)
    if hasattr(error, "advice"):
        return _fail(output, ExitCode.FAILED, str(error), error.advice)
    if isinstance(error, OSError):
        return _fail(
            output,
            ExitCode.BAD_INPUT if file_errors.is_bad_name(error) else ExitCode.FAILED,
            *file_errors.explain(error),
        )
    raise error


def _fail(output: TextIO | None, code: int, reason: str, advice: str) -> int:
    console.remark(f"{reason} {advice}".strip())
    if output is not None:
        with contextlib.suppress(OSError):  # then the exit code has to do
            JsonLines(output).tell(Failed(reason=reason, advice=advice))
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
    from trainer.training.loop import Training

    Training(chosen, corpus, directory, reporter, stop, began, options.checkpoint_seconds, source).run()
    return ExitCode.DONE


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
    spelling = before or argparse.Namespace(**asked)
    corpus = corpora.read(options.files, spelling.lowercase, spelling.seed, spelling.level, options.frozen)
    study = directory if resumed else source
    if study and corpus.vocabulary != study.vocabulary():
        raise UsageProblem(f"{study.path} holds the study of another text: give its own files to go on with it.")
    if resumed and resumed.first_step and not directory.has_checkpoints():
        raise UsageProblem(f"{options.out} has no checkpoint: give the model that it went on from, with --from.")
    directory.path.mkdir(parents=True, exist_ok=True)
    from trainer.engine import setup

    threads = before.threads if before else options.threads or processor.cores()
    setup.prepare(threads, deterministic=True)
    if resumed:
        return corpus, resumed
    half = setup.multiplies_bfloat16()
    timed = asked.get("minutes") is not None
    speed = setup.reference_speed(half) if timed else sizing.TYPICAL_SPEED
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
    from trainer.engine import setup

    setup.prepare(options.threads or processor.cores(), deterministic=False)
    from trainer.generation import loaded_model

    return loaded_model.load(options.model)


def _sample(options: argparse.Namespace, output: TextIO | None, began: float) -> int:
    if options.trace and output is None:
        raise UsageProblem("--trace is for programs: give --json as well.")
    model = _load(options)
    from trainer.generation import passages

    request = arguments.writing_request(options)
    unknown = passages.unknown(model, options.prompt)
    if output is None:
        _print_passages(options, unknown, passages.passages(model, request))
        return ExitCode.DONE
    lines = JsonLines(output)
    if unknown:
        lines.tell(Unknown(characters=unknown))
    for number, text, trace in passages.passages(model, request):
        lines.tell(Text(passage=number, text=text, trace=trace if request.trace else None))
    lines.tell(Done())
    return ExitCode.DONE


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
    corpus = corpora.read_for(directory.vocabulary(), options.files, directory.recipe().lowercase, options.frozen)
    model = _load(options)
    from trainer.evaluation import evaluator as evaluators
    from trainer.evaluation import verdicts

    evaluator = evaluators.build(model.network, model.vocabulary.escape_floor)
    score = evaluators.score(evaluator, corpus)
    then = directory.score()
    same_text = then.get("baselines", {}).get("ngram") == score["baselines"]["ngram"]
    score["earlier"] = then.get("earlier") if same_text else None
    if output is not None:
        JsonLines(output).write(score)
        return ExitCode.DONE
    print(verdicts.table(score))
    return ExitCode.DONE


def _baselines(options: argparse.Namespace, output: TextIO | None, began: float) -> int:
    texts = read_files(options.files, frozen=options.frozen)
    check_trainable(texts)
    from trainer.evaluation.baselines import baselines

    parts = [split_held_out(text) for text in texts]
    figures = baselines([train for train, _ in parts], [held_out for _, held_out in parts])
    print(json.dumps(figures.to_json()), file=output)
    return ExitCode.DONE


def _inspect(options: argparse.Namespace, output: TextIO | None, began: float) -> int:
    model = _load(options)
    from trainer.generation import inspection

    found = inspection.inspect(model, options.text)
    if output is not None:
        JsonLines(output).write(found)
        return ExitCode.DONE
    print(inspection.table(found))
    return ExitCode.DONE


def _serve(options: argparse.Namespace, output: TextIO | None, began: float) -> int:
    from trainer.cli import serve

    assert output is not None
    return serve.serve(JsonLines(output), options.threads or processor.cores(), options.cache_mb * 1_000_000)


_RUNS = {
    "train": _train,
    "sample": _sample,
    "score": _score,
    "baselines": _baselines,
    "inspect": _inspect,
    "serve": _serve,
}
