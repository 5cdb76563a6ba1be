# Veilleur: `make demo` runs the whole morning on the bundled demo press, `make test` runs the tests.
PYTHON ?= python3.11
VENV := .venv
DATA ?= demo-data
STAMP := $(VENV)/.installed

.PHONY: help setup demo test fast quality models lint soak bench clean
help:
	@echo "make demo     the whole daily flow over the bundled demo press"
	@echo "make test     the whole test suite"
	@echo "make fast     the tests that take seconds"
	@echo "make quality  score the reader on tests/gold against its floors"
	@echo "make models   learn the reader's models anew from the marked texts"
	@echo "make lint     ruff and mypy"
	@echo "make soak     crash and load tests with their full counts"
	@echo "make bench    the benchmarks"
	@echo "make clean    remove what the demo wrote"

setup: $(STAMP)

# torch first and exactly: anything that asks for torch by itself would pull another build.
$(STAMP): pyproject.toml constraints.txt
	$(PYTHON) -m venv $(VENV)
	$(VENV)/bin/python -m pip install --quiet --disable-pip-version-check torch==2.13.0 -c constraints.txt
	$(VENV)/bin/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[test]'
	@touch $(STAMP)

demo: $(STAMP)
	$(VENV)/bin/veilleur demo --data $(DATA)

test: $(STAMP)
	$(VENV)/bin/python -m pytest

fast: $(STAMP)
	$(VENV)/bin/python -m pytest -m "not slow and not soak"

quality: $(STAMP)
	$(VENV)/bin/python -m benchmarks.quality

models: $(STAMP)
	$(VENV)/bin/python -m nlp.training

lint: $(STAMP)
	$(VENV)/bin/ruff check . && $(VENV)/bin/ruff format --check . && $(VENV)/bin/mypy

soak: $(STAMP)
	VEILLEUR_SOAK=1 $(VENV)/bin/python -m pytest -m soak -s

bench: $(STAMP)
	$(VENV)/bin/python -m benchmarks

clean:
	rm -rf $(DATA)
