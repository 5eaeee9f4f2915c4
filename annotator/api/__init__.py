"""The typed API, for scripts and notebooks: what a reader's pages show, as JSON and tables.

    keys      who asks: a key made by `manage.py create_access_key`
    shapes    what is answered
    reading   studies, layers, units, answers, workers, tables

/api/openapi.json describes all of it.
"""
