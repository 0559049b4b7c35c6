"""The Celery application. A worker is started by `celery -A webapp worker -Q train` (or `write,look`, or `extract`)."""

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "webapp.settings")
app = Celery("understudy")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks(["webapp.workers"])
