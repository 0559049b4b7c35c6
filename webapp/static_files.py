"""The storage of CSS and scripts. A file's name holds the hash of its content, so browsers may keep it for ever."""

from whitenoise.storage import CompressedManifestStaticFilesStorage

_MODULES = CompressedManifestStaticFilesStorage._js_module_import_aggregation_patterns[1]


class StaticFiles(CompressedManifestStaticFilesStorage):  # type: ignore[misc]  # it ships no types
    """Whitenoise's storage, which also writes the hashed names into the imports between our modules.

    Without that, a module would import others by names that never change, and a browser could run an old part beside a
    new one after an update. Scripts of others stay as they are: comments in htmx hold imports that lead nowhere.
    """

    support_js_module_import_aggregation = True
    _js_module_import_aggregation_patterns = ("js/*.js", _MODULES)
