# make run and make test are the two commands; the others are their parts.
.DEFAULT_GOAL := help
SHELL := /bin/bash
DSR_HOME ?= deployment
PORT ?= 4600
HOST ?= 127.0.0.1
PYTHON ?= python3
export DSR_HOME

help: ## list the targets
	@grep -hE '^[a-z][a-z-]*:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## (.*)/  make \1|\2/' | column -t -s '|'

run: build ## install, make the demo deployment, run the pipeline and serve the dashboard
	@./dsr demo --if-missing
	@./dsr run
	@./dsr serve --host $(HOST) --port $(PORT)

test: build ## lint, format, types, generated files, every test, a real browser included
	@bash tests/runAll.sh

bench: build ## each step's rows per second, ingest against DuckDB's bare read, pseudonyms against bare SQL, linkage against Splink, themes against a learned coder
	@bash tests/bench/run.sh
	@bash tests/bench/scale/run.sh
	@bash tests/bench/linkage/run.sh
	@bash tests/bench/pseudonyms/run.sh
	@bash tests/bench/themes/run.sh

mutations: build ## forty leaks planted one by one, each stopped by a test
	@node tests/mutations/run.mjs

intruder: build ## a made-up deployment attacked as a motivated intruder would, with what could be done
	@bash tests/intruder/run.sh

install: check-tools node_modules/.installed .venv/.installed ## npm packages and the Python environment for dbt

build: install ## compile the TypeScript
	@npx --no-install tsc -p tsconfig.build.json

generate: build ## write the files that come from the dictionary
	@node dist/register/generate/main.js
	@npx --no-install prettier --log-level warn --write register/generated

format: install ## put every file into our format
	@npx --no-install prettier --log-level warn --write .

clean: ## remove what was built and installed, but no deployment
	rm -rf dist build node_modules .venv

check-tools:
	@command -v node >/dev/null || { echo "Node.js 20 or later is missing. Install it from nodejs.org or your system's packages, then run make again."; exit 1; }
	@node -e 'const [major, minor] = process.versions.node.split(".").map(Number); process.exit(major > 20 || (major === 20 && minor >= 12) ? 0 : 1)' || { echo "Node.js $$(node --version) is too old: install version 20.12 or later (22 or 24 are supported by their makers)."; exit 1; }
	@command -v npm >/dev/null || { echo "npm is missing. It comes with Node.js: install it from your system's packages, then run make again."; exit 1; }
	@command -v $(PYTHON) >/dev/null || { echo "Python 3.10 or later is missing (dbt needs it). Install python3 and python3-venv, then run make again, or name it: make PYTHON=/path/to/python3."; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(not ((3, 10) <= sys.version_info[:2] <= (3, 13)))' || { echo "$$($(PYTHON) --version) does not fit: dbt needs Python 3.10 to 3.13. Name one: make PYTHON=/path/to/python3.11."; exit 1; }
	@$(PYTHON) -c 'import venv, ensurepip' 2>/dev/null || { echo "Python's venv module is missing. On Debian or Ubuntu: apt-get install python3-venv"; exit 1; }

node_modules/.installed: package-lock.json
	@echo "install          npm packages"
	@npm ci --no-audit --no-fund --loglevel=error
	@touch $@

.venv/.installed: requirements.txt
	@echo "install          Python environment for dbt"
	@rm -rf .venv && $(PYTHON) -m venv .venv
	@.venv/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes --no-deps -r requirements.txt
	@.venv/bin/python -m compileall -q .venv/lib >/dev/null 2>&1 || true
	@touch $@

.PHONY: help run test bench mutations intruder install build generate format clean check-tools
