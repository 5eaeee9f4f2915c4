#!/usr/bin/env python
"""Runs the commands of Unitscope in a checkout: `python manage.py help` lists them."""

import sys

if __name__ == "__main__":
    try:
        import django  # noqa: F401
    except ImportError:
        sys.exit("Django is not installed here. Run `make setup`, then .venv/bin/python manage.py.")
    from annotator.command_line import main

    main()
