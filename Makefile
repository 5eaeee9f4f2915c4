# Few targets; CI calls the same ones. `make` alone lists them. Works with GNU Make 3.81.

PORT ?= 8000
PY = .venv/bin/python
PARALLEL = --numprocesses 2 --dist loadfile --no-loadscope-reorder
REQUIREMENTS = requirements.txt requirements-web.txt requirements-dissect.txt requirements-heic.txt requirements-dev.txt

# Variables that a shell exports must not change what is installed or which code runs.
unexport PYTHONPATH PYTHONHOME PIP_USER PIP_TARGET PIP_PREFIX DJANGO_SETTINGS_MODULE
# Else each command that tests start would compile every module anew.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: help setup demo test lint docs bench pictures architecture clean

help:  ## list the targets
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "make %-8s %s\n", $$1, $$2}' Makefile

setup: .venv/ready  ## .venv with everything that demo and tests need (PYTHON=... chooses one)

demo: setup  ## build the study `demo` and serve it (SERVE=no: only build; PORT=8000)
	@PUBLIC_URL="$${PUBLIC_URL:-http://127.0.0.1:$(PORT)}" $(PY) manage.py demo
	@[ "$(SERVE)" = no ] || exec $(PY) manage.py up --port $(PORT)

test: setup  ## install and start what tests need, check the style, run every test
	@$(PY) tests/services.py install PostgreSQL Redis Chromium
	$(lint)
	$(PY) -m pytest $(PARALLEL) --durations 20 --database postgresql
	$(PY) -m pytest $(PARALLEL) --durations 20

lint: setup  ## ruff and mypy
	$(lint)

docs: setup  ## the documentation as web pages in build/docs
	$(PY) -m sphinx -n -W --keep-going -q docs build/docs

bench: setup  ## the benchmarks of the README (DEVICE=cuda: on that device)
	DEVICE="$(DEVICE)" $(PY) -m benchmarks

pictures: setup  ## take the README's pictures of the study `demo` again
	@$(PY) tests/services.py install Chromium
	$(PY) -m docs.take_pictures

architecture: setup  ## draw the rooms of docs/architecture.md from the imports again
	@$(PY) -m docs.draw_architecture

clean:  ## remove what was built, but not var/, where your studies are
	rm -rf .venv build dist *.egg-info .mypy_cache .ruff_cache .pytest_cache .hypothesis

define lint
	$(PY) -m ruff check .
	$(PY) -m ruff format --check .
	$(PY) -m mypy
endef

# The system's python3 if its version is supported, else a newer one that is installed.
CANDIDATES = python3 python3.13 python3.12 python3.11
FITS = import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))
NEEDED = Python 3.11, 3.12 or 3.13 is needed and was not found. Debian: apt-get install python3 \
	python3-venv. macOS: brew install python@3.13. Or name one: make setup PYTHON=/path/to/python

.venv/ready: $(REQUIREMENTS)
	@$(PY) -c '$(FITS)' 2>/dev/null || { $(make_venv); }
	$(PY) -m pip install --disable-pip-version-check -r requirements-dev.txt
	@touch $@

define make_venv
	for python in $(or $(PYTHON),$(CANDIDATES)); do \
		$$python -c '$(FITS)' 2>/dev/null && break; python=; \
	done; \
	[ -n "$$python" ] || { echo "$(NEEDED)" >&2; exit 1; }; \
	$$python -c 'import ensurepip' 2>/dev/null || $$python tests/services.py install venv; \
	$$python -m venv --clear .venv
endef
