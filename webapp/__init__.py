"""The site of Understudy: people, corpora, studies, passages, and the queue of their jobs."""

from webapp.celery import app as celery_app

__all__ = ["celery_app"]
