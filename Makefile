# The only entry to remember. Each command sets up what it needs; the second time is instant.
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
.PHONY: help demo test check bench bench-read storm screenshots schema lock set-up

# Where compiled modules are not kept, each of the many processes here compiles all of them anew.
export PYTHONDONTWRITEBYTECODE =

READY := .venv/.ready
ARGS ?=

help:  ## show this page
	@awk 'BEGIN {FS = ":.*## "} /^[a-z-]+:.*## / {printf "  make %-12s %s\n", $$1, $$2}' Makefile

demo: $(READY)  ## open a whole brand in the browser (ARGS=--check walks it and ends)
	@.venv/bin/headwater demo $(ARGS)

test: $(READY) .venv/.chromium .venv/.node  ## all that must hold: format, lint, types, floors, tests
	@tools/check.sh

check: $(READY)  ## the quick part of it: everything but the tests
	@tools/check.sh quick

bench: $(READY)  ## print the headline figures of this machine
	@.venv/bin/python -m benchmarks $(ARGS)

bench-read: $(READY)  ## read 10 million members x 13 weeks in one pass (ARGS=1000000 for fewer)
	@.venv/bin/python -m benchmarks.increment_read $(ARGS)

storm: $(READY)  ## buy and refund 500 orders while everything goes wrong (ARGS=60 for fewer)
	@.venv/bin/python -m benchmarks.storm $(ARGS)

screenshots: $(READY) .venv/.chromium  ## make the pictures of the README anew
	@.venv/bin/python -m tools.screenshots $(ARGS)

schema: $(READY)  ## record what the migrations make in migrations/schema.sql
	@.venv/bin/python -m tools.record_schema

lock:  ## resolve requirements.in into requirements.lock
	@tools/lock.sh

set-up: $(READY)  ## make .venv with every package, checked by hash

$(READY): requirements.lock tools/set-up.sh
	@tools/set-up.sh
	@touch $@

.venv/.node: tools/node.sh tests/conformance/node/package-lock.json | $(READY)
	@tools/node.sh
	@if [ -d .venv/node/node_modules ]; then touch $@; fi

.venv/.chromium: tools/chromium.sh | $(READY)
	@tools/chromium.sh
	@if command -v chromium chromium-browser > /dev/null; then touch $@; fi
