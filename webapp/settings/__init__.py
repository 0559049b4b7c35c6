"""The settings of Understudy, which are read from the environment. docs/settings.md lists them.

Each subject has a module. Django reads all names in capitals from here.
"""

from webapp.settings.folders import *
from webapp.settings.pages import *
from webapp.settings.people import *
from webapp.settings.storage import *
from webapp.settings.work import *
