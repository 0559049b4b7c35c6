"""The rules of early ending: when a training ends although time or steps are left, and the sentences that say so."""

from trainer.contract.recipe import Recipe
from trainer.training.budget import Budget
from trainer.training.state import TrainingState

# A budget of more than two minutes has about 24 evaluations.
_TOLD = 3  # evaluations since the best one, after which people are told that the loss has risen
_ENDED = 6  # evaluations since the best one, after which the training ends


def rise(recipe: Recipe, state: TrainingState) -> str:
    """Return a sentence if the held-out loss has risen for a while; else an empty text.

    As long as nothing is better than the weights of another model that it began with, there is no such sentence: the
    loss of a training that has just begun may be high, and nothing is learned by heart yet.
    """
    if state.best_step <= recipe.first_step or not state.has_risen(_TOLD):
        return ""
    return (
        f"The loss on held-out text has risen since step {state.best_step:,}: since then the model learns the text by "
        "heart. The weights of that step are kept. More text helps, and next time fewer units or more dropout."
    )


def is_due(recipe: Recipe, state: TrainingState) -> bool:
    """Whether a training ends after a state, although its budget is not used up.

    As long as nothing is better than the weights of another model that it began with, a rise does not end it: the
    learning rate may be high for long.
    """
    has_risen = recipe.ends_early and state.best_step > recipe.first_step and state.has_risen(_ENDED)
    return state.is_out_of_patience(recipe.patience) or has_risen


def reason(recipe: Recipe, state: TrainingState, budget: Budget) -> str:
    """Return a sentence that says why a training ended with time left; an empty text if it used up its budget."""
    if not budget.is_used(state.step):
        if state.is_out_of_patience(recipe.patience):
            return state.out_of_patience()
        return (
            f"It ended early, at step {state.step:,}: the loss on held-out text had risen since step "
            f"{state.best_step:,}, so more time would bring nothing. The weights of that step are kept."
        )
    if budget.has_time_left():
        return (
            f"It ended before its {recipe.minutes:g} minutes were over: for a text of this length, more reading would "
            "bring little."
        )
    return ""
