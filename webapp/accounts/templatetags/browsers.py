"""The template filter that names a browser as people know it."""

import re

from django import template
from django.utils.translation import gettext as _

register = template.Library()

# In this order: browsers also name those that they descend from.
_BROWSERS = {"Edg": "Edge", "OPR": "Opera", "Firefox": "Firefox", "FxiOS": "Firefox"}
_BROWSERS |= {"HeadlessChrome": "Chrome", "Chrome": "Chrome", "CriOS": "Chrome", "Safari": "Safari"}
_SYSTEMS = {"iPhone": "iPhone", "iPad": "iPad", "Android": "Android", "CrOS": "ChromeOS"}
_SYSTEMS |= {"Windows": "Windows", "Mac OS X": "macOS", "Linux": "Linux"}


@register.filter
def browser_name(user_agent: str) -> str:
    """Return, for example, “Firefox on Windows”; the beginning of what it says itself, if that is unknown."""
    browser = next((name for part, name in _BROWSERS.items() if re.search(rf"\b{part}/", user_agent)), "")
    system = next((name for part, name in _SYSTEMS.items() if part in user_agent), "")
    if browser and system:
        return _("%(browser)s on %(system)s") % {"browser": browser, "system": system}
    return user_agent[:40] or _("an unknown browser")
