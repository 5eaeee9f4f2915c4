"""The service's settings, with one more URL: an empty view."""

from annotator.settings import *  # noqa: F403

ROOT_URLCONF = "benchmarks.serving_urls"
