"""The style sheets, scripts and icons of the pages, as they are collected for production."""

from whitenoise.storage import CompressedManifestStaticFilesStorage


class HashedStaticFiles(CompressedManifestStaticFilesStorage):
    """Names each file by a hash of its content, also where a module of scripts imports another.

    Django's own `support_js_module_import_aggregation` would look into the scripts of packages too,
    and one of django_htmx names a file in a comment that is not there.
    """

    patterns = (
        *CompressedManifestStaticFilesStorage.patterns,
        ("hit/*.js", ((r'(?P<matched> from "(?P<url>\./[^"]+)";)', ' from "%(url)s";'),)),
    )
