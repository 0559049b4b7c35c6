"""The Celery application. A worker is started by `celery -A webapp worker -Q train` (or `write,look`, or `extract`)."""

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "webapp.settings")
# Django's checks, which the preparation of each start makes, import every page: 0.7 of the 1.7 s of a worker's start.
os.environ.setdefault("CELERY_SKIP_CHECKS", "yes")
app = Celery("understudy")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks(["webapp.workers"])
