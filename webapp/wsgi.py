"""The WSGI application, which `gunicorn --worker-class webapp.server.WebProcess webapp.wsgi` serves.

With `--preload`, gunicorn imports it once and its processes are forks: so all pages are imported here, too.
"""

import gc
import os

from django.core.wsgi import get_wsgi_application
from django.urls import get_resolver

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "webapp.settings")
application = get_wsgi_application()
get_resolver().url_patterns  # noqa: B018
gc.freeze()  # what is imported is no garbage, and its memory is shared as long as no process writes into it
