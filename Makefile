# Polls Apart. Every target sets up what it needs; nothing has to be activated. Works with GNU Make 3.81.

VENV := .venv
BIN := $(VENV)/bin
PYTHON = $(shell for p in python3.14 python3.13 python3.12 python3.11 python3 python; do \
	$$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1 && { command -v $$p; break; }; done)
UV := $(BIN)/uv pip install --quiet --python $(BIN)/python
PORT := 8000
LAB := $(VENV)/.lab
DEV := $(VENV)/.dev
PAGES := $(BIN)/python -m lab.notebook_pages
MKDOCS := NO_MKDOCS_2_WARNING=1 $(BIN)/python -m mkdocs
BUILD := build
COURSE = $(BUILD)/polls-apart-course
DECK = $(BUILD)/slides/part-1.html
LIVE_LESSON = $(BUILD)/live-lesson.html
BUNDLE = $(BUILD)/polls-apart-learner.zip

.PHONY: help compare live site site-build site-zip notebooks test lint prove bench lock readme screenshots slides live-lesson rehearse bundle clean

help:
	@echo 'make compare     measure the four transports on this machine: results/runs/latest/report.html'
	@echo 'make live        type one word and see it arrive four ways, in your browser'
	@echo 'make site        read the course at http://127.0.0.1:$(PORT)'
	@echo 'make site-build  the course as files to publish: site/'
	@echo 'make site-zip    the course to read and print without a server: $(COURSE).zip'
	@echo 'make notebooks   open the analysis in Jupyter'
	@echo 'make test        run every check that CI runs'
	@echo 'make lint        ruff and mypy alone'
	@echo 'make prove       the long proofs, for a change that touches what is measured'
	@echo 'make bench       what the parts cost, as ratios with intervals'
	@echo 'make lock        pin the newest versions again'
	@echo 'make readme      write the README table again from results/reference'
	@echo 'make screenshots make the pictures of the live lab again: lessons/pictures'
	@echo 'make slides      Part I to show in a class: $(DECK)'
	@echo 'make live-lesson the page for a lesson with every phone, to print: $(LIVE_LESSON)'
	@echo 'make rehearse    try what a class will use, on the machine that will show it'
	@echo 'make bundle      the lab for learners, without solutions: $(BUNDLE)'
	@echo 'make clean       remove what set-up made; what was measured stays'

compare: $(LAB)
	@$(BIN)/lab compare

live: $(LAB)
	@$(BIN)/lab live

site: $(DEV)
	@$(BIN)/python -c 'import socket; socket.create_server(("127.0.0.1", $(PORT))).close()' 2>/dev/null || \
		{ echo 'Port $(PORT) is in use: take another, make site PORT=8001.'; exit 2; }
	@$(PAGES)
	@$(MKDOCS) serve --dev-addr 127.0.0.1:$(PORT)

site-build: $(DEV)
	@$(PAGES)
	@$(MKDOCS) build --strict

site-zip: $(DEV)
	@$(PAGES)
	@$(MKDOCS) build --strict --config-file mkdocs-offline.yml --site-dir $(abspath $(COURSE))
	@find $(COURSE) \( -name '*.map' -o -name 404.html \) -exec rm {} +
	@$(BIN)/python -c 'import shutil; shutil.make_archive("$(COURSE)", "zip", "$(BUILD)", "polls-apart-course")'
	@echo 'Unpack $(COURSE).zip and open its index.html.'

ROOT = $(shell test "$$(id -u 2>/dev/null)" = 0 && echo --allow-root) # Jupyter refuses root else; it listens on loopback
notebooks: $(DEV)
	@$(BIN)/jupytext --quiet --to ipynb notebooks/*.py
	@$(BIN)/jupyter lab --notebook-dir notebooks --ip 127.0.0.1 $(ROOT)

test: $(DEV)
	@$(BIN)/python tests/tools.py
	@$(MAKE) --no-print-directory lint
	@$(BIN)/python -m pytest -m 'not prove' --numprocesses 3 --dist worksteal

lint: $(DEV)
	@$(BIN)/ruff check
	@$(BIN)/ruff format --check
	@$(BIN)/mypy

prove: $(DEV)
	@$(BIN)/python tests/tools.py
	@$(BIN)/python -m pytest -m prove --timeout 3600

bench: $(DEV)
	@$(BIN)/python -m tests.bench

readme: $(LAB)
	@$(BIN)/lab report results/reference/irc-room --readme README.md
	@$(BIN)/python -m lab.picture results/reference/irc-room results/reference/one-word.svg results/reference/one-word-narrow.svg

screenshots: $(DEV)
	@$(BIN)/python -m lab.screenshots

# For teachers: what is in instructor/.

slides: $(DEV)
	@$(BIN)/python -m lab.slides instructor/slides/part-1.md $(DECK)

live-lesson: $(DEV)
	@$(BIN)/python -m lab.printed instructor/live-lesson.md $(LIVE_LESSON)

rehearse: $(DEV)
	@$(BIN)/python -m lab.rehearsal

bundle: $(LAB)
	@$(BIN)/python -m lab.bundle $(BUNDLE)

COMPILE := $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
	--no-emit-index-url --no-emit-find-links --no-header --upgrade pyproject.toml
lock: $(DEV)
	@$(COMPILE) --output-file requirements.lock
	@$(COMPILE) --group dev --constraint requirements.lock --output-file requirements-dev.lock

clean:
	@rm -rf $(VENV) site build

# Set-up: a virtual environment, uv in it, and the pinned packages by uv, which takes a tenth of pip's time.

$(VENV)/.uv:
	@test -n '$(PYTHON)' || { echo 'Python 3.11 or newer is needed: get it from python.org, or with your package manager.'; exit 2; }
	@'$(PYTHON)' -m venv $(VENV) >/dev/null 2>&1 || \
		{ echo 'Python has no venv module here: install it (on Debian and Ubuntu: sudo apt-get install python3-venv).'; exit 2; }
	@echo 'Setting up, once ...'
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check uv==0.13.9
	@touch $@

$(LAB): $(VENV)/.uv requirements.lock pyproject.toml
	@$(UV) --require-hashes -r requirements.lock
	@$(UV) --no-deps -e .
	@touch $@

$(DEV): $(LAB) requirements-dev.lock
	@$(UV) --require-hashes -r requirements-dev.lock
	@touch $@
