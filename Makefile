# Everything that a reader, a writer or a machine does with the book. `make help` lists it.
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help

PYTHON ?= python3
PORT ?= 8000
UV_VERSION := 0.13.9
UV := $(shell command -v uv || echo .uv/bin/uv)
BIN := .venv/bin
HTML := _build/html
NAME := $(shell sed -n 's/^ *book_slug: *//p' _config.yml)
# A system's package manager, for the few things that Python cannot install: used only by root.
APT := [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null && apt-get update -qq && apt-get install -y -qq
EXPORT := export --frozen --no-hashes --no-header --no-annotate --no-emit-project --extra teach --no-group test --no-group lite --no-group publish
# Many containers tell Python to keep no bytecode; each build and each kernel would then compile 2,000 modules anew.
unexport PYTHONDONTWRITEBYTECODE

# Kernels of the book, of nbval and of the tests are forks of one process that has the imports done.
export JUPYTER_DEFAULT_PROVISIONER_NAME := warm

.PHONY: help env book serve pdf epub offline lite links test attacks quick anywhere lint types style requirements benchmark weigh programs browser firefox bubblewrap java node python clean

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-13s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

env: .venv/.stamp ## make the environment from uv.lock in .venv

book: env ## build the book to _build/html
	$(BIN)/jupyter-book build . --quiet
	@echo "The book: file://$(CURDIR)/$(HTML)/index.html"

serve: book ## build the book and serve it on http://127.0.0.1:8000 (PORT=… for another)
	@echo "The book: http://127.0.0.1:$(PORT)/"
	$(BIN)/python -m http.server --bind 127.0.0.1 --directory $(HTML) $(PORT)

pdf: book browser ## print the whole book as one PDF, to _build
	$(BIN)/python -m axis.editions pdf _build/$(NAME).pdf

epub: book ## write the book as an EPUB, to _build
	$(BIN)/python -m axis.editions epub _build/$(NAME).epub

offline: book ## pack the book into one archive that works without a server, to _build
	$(BIN)/python -m axis.editions offline _build/$(NAME)-offline.zip

lite: env node ## build the book with its notebooks running in the reader's browser, to _build/html
	UV="$(UV)" $(BIN)/python -m axis.lite
	BOOK_LITE=_build/lite $(BIN)/jupyter-book build . --quiet
	@echo "To see it: BOOK_LITE=_build/lite make serve"

test: env programs lint ## run every test: code, data, exercises, marking, the built pages, a live JupyterLab
	# One worker more than cores: a test that waits for a browser leaves its core idle. The order is that of conftest.
	UV="$(UV)" $(BIN)/pytest -n $$(( $$(nproc) + 1 )) --dist loadgroup --no-loadscope-reorder -m "not alone and not anywhere" --durations=20 \
		--nbval-lax --nbval-cell-timeout=60 src/helpers tests exercises
	$(BIN)/pytest -m alone $$(grep -l mark.alone tests/test_*.py)

attacks: env bubblewrap ## run the attacks on marking alone, as root or as an ordinary user
	$(BIN)/pytest -n auto --dist loadgroup tests/test_untrusted.py tests/test_sandbox.py

quick: env lint ## run the tests that need no browser, no build and no kernel: about a minute
	UV="$(UV)" $(BIN)/pytest -n auto -m "not browser and not build and not kernel and not alone and not anywhere"

anywhere: env ## run every notebook of the site in an environment like Colab's that has never heard of the book
	UV="$(UV)" $(BIN)/pytest -m anywhere tests/test_anywhere.py

lint: env ## check style, types, names, the direction of imports and declared dependencies
	@$(MAKE) --no-print-directory --jobs=2 --output-sync types style

types:
	$(BIN)/mypy

style:
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/lint-imports --no-logo
	$(BIN)/deptry src
	$(BIN)/pytest -q tests/test_layout.py
	$(BIN)/python -m axis.numbers

links: book ## report links to other sites that are broken; a broken link fails nothing
	$(BIN)/python -m axis.book.link_check $(HTML)

requirements: env ## write binder/requirements.txt from uv.lock
	$(UV) $(EXPORT) --output-file binder/requirements.txt --quiet

clean: ## remove what is built; the environment stays
	rm -rf _build assignments chapters/*.ipynb

# The interpreter itself and not the shim of a version manager, for which uv would make the environment anew each time.
.venv/.stamp: pyproject.toml uv.lock | python $(filter .uv/%,$(UV))
	$(UV) sync --locked --extra teach --extra cluster --python "$$($(PYTHON) -c "import sys; print(sys.executable)")"
	touch $@

.uv/bin/uv: | python
	$(PYTHON) -m venv .uv || { $(APT) python3-venv && $(PYTHON) -m venv --clear .uv; } || \
		{ echo "Python cannot make an environment: install python3-venv, then run make again." >&2; exit 1; }
	.uv/bin/pip install --quiet --disable-pip-version-check uv==$(UV_VERSION)

python:
	@$(PYTHON) -c 'import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 14))' || \
		{ echo "The book needs Python 3.11, 3.12 or 3.13: run make with PYTHON=/path/to/python3.11." >&2; exit 1; }

benchmark: env bubblewrap ## measure marking against nbgrader and bare execution
	$(BIN)/python benchmarks/marking.py

weigh: book browser ## weigh a page and score it in Lighthouse, against stock jupyter-book (needs node and npm)
	$(BIN)/python benchmarks/page.py

# With -k, to name all that is missing at once.
programs:
	@$(MAKE) --no-print-directory --keep-going browser firefox bubblewrap java node

bubblewrap:
	@command -v bwrap >/dev/null || { $(APT) bubblewrap; } || \
		{ echo "Submissions are confined by bubblewrap: install it, as by apt install bubblewrap." >&2; exit 1; }

browser:
	@[ -n "$${CHROMIUM:-}" ] || command -v chromium-headless-shell chromium chromium-browser google-chrome >/dev/null || \
		{ $(APT) chromium-headless-shell; } || { $(APT) chromium; } || \
		{ echo "This needs a browser: install chromium, or set CHROMIUM=/path/to/chromium." >&2; exit 1; }

firefox:
	@[ -n "$${FIREFOX:-}" ] || command -v firefox-esr firefox >/dev/null || { $(APT) firefox-esr; } || { $(APT) firefox; } || \
		{ echo "The pages are tested in Firefox too: install firefox-esr, or set FIREFOX=/path/to/firefox." >&2; exit 1; }

java:
	@command -v java >/dev/null || { $(APT) default-jre-headless; } || \
		{ echo "The EPUB is checked by a program in Java: install it, as by apt install default-jre-headless." >&2; exit 1; }

node:
	@command -v npm >/dev/null || { $(APT) npm; } || \
		{ echo "Notebooks in the browser come from npm: install it, as by apt install npm." >&2; exit 1; }
