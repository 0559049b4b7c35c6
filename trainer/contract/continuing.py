"""The recipes of trainings that begin with a model, which learns its own text further, or another text."""

from dataclasses import asdict, replace
from typing import Any

from trainer.contract import pace, procedures, sizing
from trainer.contract import recipe as recipes
from trainer.contract.pace import Conditions
from trainer.contract.recipe import Choices, Recipe, RecipeProblem

FINE_TUNED_RATE = 0.5  # of the learning rate of a new network
#: the choices that stay those of a model, whatever it learns
OF_THE_MODEL = (
    "level",
    "cell",
    "layers",
    "units",
    "networks",
    "embedding",
    "mogrifier_rounds",
    "lowercase",
    "voices",
    "seed",
)


def further(recipe: Recipe, step: int, choices: Choices, characters: int, vocabulary: int, speed: float) -> Recipe:
    """Return the recipe to train a model further. `recipe` is the one it was trained with, up to `step`.

    The network and the reading of the text stay the same. The budget is new, so the schedule starts again, from a
    share of the learning rate that the procedure decides. While the rate is high again, the loss may be above that of
    the weights it begins with for long, so a rise does not end the training. The arguments are those of
    `sizing.resolve`, but `choices` may only contain one budget and a patience. Raises RecipeProblem.
    """
    asked = {name: value for name, value in choices.items() if value is not None}
    if len(set(asked) - {"patience"}) != 1 or not set(asked) <= {*recipes.BUDGETS, "patience"}:
        raise RecipeProblem("Training further takes a budget, minutes, epochs or steps, and patience; all else stays.")
    recipes.check(asked)
    open_again = dict.fromkeys((*recipes.BUDGETS, "patience"))
    values: Choices = {**asdict(recipe), **open_again, **asked, "first_step": step}
    values["rate"] = max(recipe.rate * pace.procedure_of(values).further_rate, recipes.FIELDS["rate"].minimum or 0)
    given = Conditions(characters, vocabulary, speed)
    values |= {"ends_early": False, "most_steps": pace.most_steps(values, given)}
    return Recipe(**{**values, **pace.intervals(values, given)})


def fine_tuned(recipe: Recipe, choices: Choices, *size: Any, **options: Any) -> Recipe:
    """Return the recipe by which a model learns another text. `recipe` is the one it was trained with.

    The network stays the same, and so does what counts as a symbol. All else is fitted to the other text. The learning
    rate is lower than that of a new network, so that what was learned is kept. The arguments are those of
    `sizing.resolve`. Raises RecipeProblem.
    """
    if not pace.procedure_of(asdict(recipe)).is_sized:
        raise RecipeProblem("The tutorial's network can learn no other text: train a new model on it.")
    if not procedures.of_choices(choices).is_sized:
        raise RecipeProblem("The tutorial recipe is for new models: take another one.")
    kept = {name: getattr(recipe, name) for name in OF_THE_MODEL}
    changed = sorted(name for name in kept if choices.get(name) not in (None, kept[name]))
    if changed:
        raise RecipeProblem(f"They stay those of the model: {', '.join(changed)} can't be chosen.")
    found = sizing.resolve({**choices, **kept}, *size, **options)
    rate = choices.get("rate") or found.rate * FINE_TUNED_RATE
    return replace(found, fine_tuned=True, rate=rate, skips=recipe.skips)
