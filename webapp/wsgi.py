"""What the web server (webapp/server.py) serves: gunicorn --worker-class webapp.server.WebProcess webapp.wsgi."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "webapp.settings")
application = get_wsgi_application()
