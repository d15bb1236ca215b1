# PTJ Signals. `make up` is all that a fresh checkout needs; `make help` shows the rest.
# MODE=compose runs the same line in containers.

MODE ?= local
SHELL := /bin/sh
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
MAKEFLAGS += --no-print-directory

VENV := .venv
PTJ := $(VENV)/bin/ptj
PIP := $(VENV)/bin/python -m pip --disable-pip-version-check --quiet
COMPOSE ?= docker compose
# The first of these that is Python 3.11 or newer; `make install PYTHON=/path/to/python3` chooses another.
PYTHON ?= $(shell for p in python3 python3.14 python3.13 python3.12 python3.11 python; do \
	command -v $$p >/dev/null 2>&1 && $$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && \
	echo $$p && break; done)
# Options for the commands below: `make up OPTIONS="--detach --speed 10"`.
OPTIONS ?=
# Two tests at a time, each half with parts of its own; those chosen with -m need the machine to themselves.
WORKERS ?= $(if $(filter -m,$(OPTIONS)),0,2)

ifeq ($(filter $(MODE),local compose),)
$(error MODE: expected local or compose, received "$(MODE)")
endif

.PHONY: help install up dashboard down logs ps build clean dev db test test-all test-dashboard screenshots lint

# A target's word stands after `##`, `#.` (MODE=local) or `#:` (MODE=compose).
WORD = $(if $(filter compose,$(MODE)),[:\#],[.\#])

help: ## show this
	@echo "make TARGET [MODE=compose] [OPTIONS=...]"
	@sed -n 's/^\([a-z-]*\):.* #$(WORD) \(.*\)/\1|\2/p' $(firstword $(MAKEFILE_LIST)) | \
		while IFS='|' read -r target about; do printf '  %-14s %s\n' "$$target" "$$about"; done

# Written last: an installation cut short is done again, a finished one needs no network.
$(VENV)/.installed: requirements.lock pyproject.toml | $(VENV)/bin/python
	@echo "Installing the dependencies into $(VENV): once, some 700 MB"
	@$(PIP) install --require-hashes --requirement requirements.lock
	@$(PIP) install --no-deps --no-build-isolation --no-index --editable .
	@touch $@

$(VENV)/.installed-dev: requirements-dev.lock $(VENV)/.installed
	@echo "Installing what the tests need into $(VENV) (once)"
	@$(PIP) install --require-hashes --requirement requirements-dev.lock
	@touch $@

# The dashboard. A machine without a fitting Node gets one as a wheel, for the build alone.
DASHBOARD := api/dashboard/index.html
NODE_IS_THERE = command -v npm >/dev/null 2>&1 && \
	node -e 'const [a, b] = process.versions.node.split(".").map(Number); process.exit(a > 20 || (a == 20 && b >= 19) ? 0 : 1)'

# After it the machine's Node is in the path, or the wheel's.
WITH_NODE = export PATH="$$($(NODE_IS_THERE) && echo "$$PATH" || echo "$(CURDIR)/$(VENV)/bin:$$PATH")";

MODULES := web/node_modules/.package-lock.json
$(MODULES): web/package-lock.json | $(VENV)/.installed
	@$(NODE_IS_THERE) || $(PIP) install --require-hashes --requirement web/requirements.lock
	@$(WITH_NODE) cd web && npm ci --loglevel=error && touch node_modules/.package-lock.json

$(DASHBOARD): $(shell find web -path web/node_modules -prune -o -path web/dist -prune -o -type f -print) | $(VENV)/.installed
	@echo "Building the dashboard (after a change of it, and the first time)"
	@$(MAKE) $(MODULES)
	@$(WITH_NODE) cd web && npm run --silent build -- --logLevel warn
	@rm -rf api/dashboard && mv web/dist api/dashboard && touch $@

$(VENV)/bin/python:
ifeq ($(strip $(PYTHON)),)
	@echo "Python 3.11 or newer is needed and none was found; install one, or name it: make install PYTHON=/path/to/python3" >&2; exit 1
else
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
		echo "PYTHON: expected Python 3.11 or newer, received $$($(PYTHON) --version 2>&1)" >&2; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { \
		echo "$(PYTHON) cannot make virtual environments: install its venv package (Debian, Ubuntu: apt install python3-venv)" >&2; exit 1; }
	@$(PYTHON) -m venv $(VENV)
endif

ifeq ($(MODE),local)

install: $(VENV)/.installed #. install everything into .venv

up: $(VENV)/.installed #. start the line and keep it until Ctrl-C; OPTIONS="--detach" returns when it is ready
	@$(MAKE) $(DASHBOARD) || echo "The dashboard could not be built: a plain page is served instead." >&2
	@exec $(PTJ) up $(OPTIONS)

dashboard: $(DASHBOARD) #. build the dashboard; `make up` does it when needed

down: $(VENV)/.installed #. stop it, from any terminal; its data stay
	@exec $(PTJ) down $(OPTIONS)

logs: $(VENV)/.installed #. follow its logs; OPTIONS="producer" shows one
	@exec $(PTJ) logs --follow $(OPTIONS)

ps: $(VENV)/.installed #. show its parts
	@$(PTJ) ps $(OPTIONS) || [ $$? -ne 2 ]

build: $(VENV)/.installed $(DASHBOARD) #. build a wheel into dist/ (MODE=compose: the image)
	@$(PIP) wheel --no-deps --no-build-isolation --no-index --wheel-dir dist .
	@ls dist/*.whl

# Ctrl-C reaches both; if the line ends by itself, the page's server goes with it.
dev: $(VENV)/.installed $(MODULES) #. start the line; parts and page are loaded again when their code changes
	@echo "The page reloads with its code at http://127.0.0.1:5173/"
	@$(WITH_NODE) (cd web && exec node_modules/.bin/vite --logLevel error) & trap "kill $$! 2>/dev/null" EXIT; \
		$(PTJ) up --reload $(OPTIONS)

db: $(VENV)/.installed #. open a shell on the database of the running line
	@exec $(PTJ) db shell

clean: #. stop the line and delete ITS DATA, logs and caches (var/); .venv stays
	@[ ! -x $(PTJ) ] || $(PTJ) down
	@if [ -f var/postgres/place ]; then rm -rf -- "$$(cat var/postgres/place)"; fi
	@rm -rf var dist build api/dashboard web/dist web/node_modules .pytest_cache .mypy_cache .ruff_cache .hypothesis
	@echo "Deleted var/ and all caches."

else

install: #: fetch and build the images
	$(COMPOSE) pull --ignore-buildable
	$(COMPOSE) build

up: #: start the line in containers, in the background
	$(COMPOSE) up --detach --build --wait $(OPTIONS)
	@echo "Open http://127.0.0.1:$${PTJ_API_PORT:-8000}/ (stop with: make down MODE=compose)"

down: #: stop it; its data stay
	$(COMPOSE) down $(OPTIONS)

logs: #: follow its logs; OPTIONS="producer" shows one
	$(COMPOSE) logs --follow $(OPTIONS)

ps: #: show its parts
	$(COMPOSE) ps $(OPTIONS)

build: #: build the image
	$(COMPOSE) build $(OPTIONS)

dev: #: start the line in front; after a change: docker compose up -d --build --no-deps NAME
	$(COMPOSE) up --build $(OPTIONS)

db: #: open a shell on its database
	$(COMPOSE) exec postgres psql -U ptj ptj

clean: #: stop the line and delete ITS DATA and its image
	$(COMPOSE) down --volumes --rmi local --remove-orphans

endif

test: $(VENV)/.installed-dev ## run the tests; OPTIONS="tests/unit -x" chooses
	@$(VENV)/bin/python -m pytest -n $(WORKERS) --dist loadfile $(OPTIONS)

test-all: $(VENV)/.installed-dev ## run the slow ones too: faults under load, the browser
	@$(VENV)/bin/python -m pytest -m "" $(OPTIONS)

test-dashboard: $(DASHBOARD) ## check and test the code of the dashboard
	@$(WITH_NODE) cd web && npm run --silent check

screenshots: $(VENV)/.installed-dev ## pictures of the running line's pages into var/screenshots; OPTIONS="/twins why" chooses
	@$(VENV)/bin/python -m tests.browser.screenshots var/screenshots http://127.0.0.1:$${PTJ_API_PORT:-8000} $(OPTIONS)

lint: $(VENV)/.installed-dev ## check style and types
	@$(VENV)/bin/ruff check .
	@$(VENV)/bin/ruff format --check .
	@$(VENV)/bin/mypy
