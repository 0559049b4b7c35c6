"""The command line: it runs a command and returns its exit code (`trainer.contract.exit_codes`).

TensorFlow is imported only after the input was checked, so that bad input is refused at once.
"""

import contextlib
from typing import TextIO

from trainer.cli import arguments
from trainer.cli.arguments import UsageProblem
from trainer.cli.commands import COMMANDS
from trainer.cli.reporters import JsonLines, claim_stdout
from trainer.contract import console, file_errors
from trainer.contract.decoding import TextProblem
from trainer.contract.events import Failed
from trainer.contract.exit_codes import ExitCode
from trainer.contract.recipe import RecipeProblem
from trainer.contract.writing_settings import SettingProblem
from trainer.storage.model_directory import ModelProblem
from trainer.training import stopping


def main(words: list[str], began: float) -> int:
    """Run a command and return its exit code."""
    output = claim_stdout() if "--json" in words or words[:1] == ["serve"] else None
    try:
        options = arguments.parse(words, COMMANDS)
        return int(options.run(options, output, began))
    except (TextProblem, RecipeProblem, ModelProblem, SettingProblem, UsageProblem) as problem:
        return _fail(output, ExitCode.BAD_INPUT, str(problem), "")
    except stopping.Stopped:
        return ExitCode.STOPPED
    except BrokenPipeError:
        raise  # `trainer.contract.console` ends the process with the right exit code
    except Exception as error:
        return _explain(error, output)


def _explain(error: Exception, output: TextIO | None) -> int:
    """Turn an error into an exit code and a `failed` event. An error that is not known is raised again."""
    if isinstance(error, MemoryError) or type(error).__name__ == "ResourceExhaustedError":
        advice = "Train with a smaller batch or with fewer units."
        return _fail(output, ExitCode.OUT_OF_MEMORY, "The machine ran out of memory.", advice)
    if hasattr(error, "advice"):
        return _fail(output, ExitCode.FAILED, str(error), error.advice)
    if isinstance(error, OSError):
        console.discard_unwritable_output()  # else it would raise the same error once more at the end
        return _fail(
            output,
            ExitCode.BAD_INPUT if file_errors.is_bad_name(error) else ExitCode.FAILED,
            *file_errors.explain(error),
        )
    raise error


def _fail(output: TextIO | None, code: int, reason: str, advice: str) -> int:
    console.print_error(f"{reason} {advice}".strip())
    if output is not None:
        with contextlib.suppress(OSError):  # then the exit code is the only message
            JsonLines(output).report(Failed(reason=reason, advice=advice))
    return code
