"""The choice of the procedure that a recipe names."""

from trainer.contract.procedures import STREAM, TUTORIAL
from trainer.contract.recipe import Recipe
from trainer.procedures.procedure import Procedure
from trainer.procedures.stream import StreamProcedure
from trainer.procedures.tutorial import TutorialProcedure

_PROCEDURES: dict[str, type[Procedure]] = {STREAM.name: StreamProcedure, TUTORIAL.name: TutorialProcedure}


def procedure_of(recipe: Recipe) -> Procedure:
    """Return the recipe's procedure."""
    return _PROCEDURES[recipe.procedure](recipe)
