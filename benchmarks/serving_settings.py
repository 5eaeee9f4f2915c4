"""The service's own settings, and one more address: a view that does nothing."""

from annotator.settings import *  # noqa: F403

ROOT_URLCONF = "benchmarks.serving_urls"
