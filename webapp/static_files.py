"""The storage of style sheets and scripts. The hash in a file's name lets browsers keep the file for ever."""

from whitenoise.storage import CompressedManifestStaticFilesStorage

_MODULES = CompressedManifestStaticFilesStorage._js_module_import_aggregation_patterns[1]


class StaticFiles(CompressedManifestStaticFilesStorage):  # type: ignore[misc]  # it ships no types
    """Whitenoise's storage, which also writes the hashed names into the imports between our modules.

    Without that, a module would import others by names that never change, and after an update a browser could run old
    modules together with new ones. Only our scripts are changed: htmx has comments that look like imports.
    """

    support_js_module_import_aggregation = True
    _js_module_import_aggregation_patterns = ("js/*.js", _MODULES)
