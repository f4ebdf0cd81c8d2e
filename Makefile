.DEFAULT_GOAL := help
.PHONY: help env demo up real test bench faults lint docs clean packages servers

PORT ?= 8080
export PORT

# A .venv that is a link belongs to somebody else and is left alone.
ENV := $(if $(shell test -L .venv && echo linked),,.venv/complete)
BIN := .venv/bin

help: ## this help
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-8s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

env: $(ENV) ## build .venv (again only when requirements.txt or pyproject.toml changed)

.venv/complete: requirements.txt pyproject.toml
	@echo "Building .venv, a minute or so"
	@sh deploy/environment.sh

demo: env ## sample library, a quarantine, what came of it; stays at PORT (8080), ends with EXIT=1
	@$(BIN)/python -m demo

up: env ## the whole system in one process with an empty library, at PORT (8080)
	@$(BIN)/kitaphana all

real: env servers ## RabbitMQ, PostgreSQL and one process per role, at PORT (8080)
	@$(BIN)/python -m deploy.real

test: env packages lint ## everything: lint, then every test on both footings
	@$(BIN)/python -m pytest -n 2 --dist loadfile tests

bench: env servers ## speeds against their floors, one JSON line a figure (SIZES=10000,100000)
	@$(BIN)/python -m benchmarks

faults: env servers ## the fault campaign (KILLS=60, CLUSTER=3 for three brokers)
	@$(BIN)/python -m tests.faults

lint: env ## ruff, mypy and the import rules
	@$(BIN)/ruff check --quiet .
	@$(BIN)/ruff format --quiet --check .
	@$(BIN)/mypy --no-error-summary
	@said=$$($(BIN)/lint-imports --no-logo 2>&1) || { echo "$$said"; exit 1; }

docs: env ## docs/events.md and docs/asyncapi.yaml, out of the contracts
	@$(BIN)/python -m services documents docs

clean: ## remove .venv, caches and the data under var/
	@test -L .venv || rm -rf .venv
	@rm -rf var .ruff_cache .mypy_cache .pytest_cache .import_linter_cache .hypothesis *.egg-info
	@find . -name __pycache__ -not -path './.venv/*' -prune -exec rm -rf {} +

packages:
	@sh deploy/system_packages.sh rabbitmq-server postgresql nginx chromium

servers:
	@sh deploy/system_packages.sh rabbitmq-server postgresql nginx
