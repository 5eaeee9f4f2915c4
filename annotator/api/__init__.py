"""The typed API, for scripts and notebooks: what a reader's pages show, as JSON and tables.

    authentication  access keys, made by `manage.py create_access_key`
    schemas         the shapes of answers and of query parameters
    endpoints       studies, layers, units, answers, workers and tables

/api/openapi.json describes all of it.
"""
