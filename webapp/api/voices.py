"""The shares of voices in a program's request."""

from trainer.contract.writing_settings import SettingProblem
from webapp.api.problems import Problem
from webapp.passages import voices
from webapp.studies.models import Study


def voices_of(study: Study, shares: voices.Shares) -> voices.Shares:
    """Return the shares, which then add up to 1. Raises Problem if the model can't have them."""
    try:
        return voices.of_request(study.voice_names, shares)
    except SettingProblem as problem:
        raise Problem(422, str(problem), [{"field": "voices", "detail": str(problem)}]) from None
