# Two commands do it all: `make demo` and `make test`. Both set everything up themselves the first time.
.DEFAULT_GOAL := help
SHELL := /bin/sh
BIN := .venv/bin
STAMP := .venv/.ready
DEMO := demo-archive

.PHONY: help setup setup-replay demo practice demo-cluster screenshots docs reference test quick test-alone lint check format lock licences release bless long-files ablation fuzz bench clean
help: ## this list
	@grep -hE '^[a-z%-]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*## /\t/; s/^bench-%/bench-NAME/' | expand -t 16

setup: $(STAMP) ## .venv with .venv/bin/nianbao, all extras but `replay` and `lock`; from Debian a browser and CJK fonts
$(STAMP): pyproject.toml constraints.hashes.txt scripts/setup.sh scripts/install.sh
	@sh scripts/setup.sh

setup-replay: ## pywb, wacz and ReplayWeb.page (by npm) in .venv-replay, for replay and its tests
	@sh scripts/setup.sh replay

demo: setup ## four days on five imitation portals: crawl, keep, read, answer
	@$(BIN)/python -m imitation.demo $(DEMO)

practice: setup ## operators' pages of the demo's archive with its portals running: crawl, pause, review, seal by click
	@test -d $(DEMO) || $(BIN)/python -m imitation.demo $(DEMO)
	@$(BIN)/python -m imitation.practice $(DEMO)

screenshots: setup ## docs/pictures/*.webp, taken of the demo's archive by a browser
	@test -d $(DEMO) || $(BIN)/python -m imitation.demo $(DEMO)
	@$(BIN)/python -m scripts.screenshots $(DEMO)

docs: setup ## build/site/: the documentation as a site in both languages; begin with build/site/index.html
	@$(BIN)/python -m scripts.docs_site

reference: setup ## docs/commands/, docs/configuration.md, the manual page and nianbao/python_api.pyi, from the program
	@$(BIN)/python -m scripts.reference && $(BIN)/python -m scripts.python_api_stub
	@$(BIN)/ruff check --quiet --fix --select F,I nianbao/python_api.pyi && $(BIN)/ruff format --quiet nianbao/python_api.pyi

demo-cluster: setup ## PostgreSQL, an S3 server, four workers of which two are killed, 60 imitation portals
	@$(BIN)/python -m benchmarks.cluster_play

test: setup ## all tests but the nightly ones; three at a time, as many of them wait (for delays, processes, a browser), and by file, whose archive is made once
	@$(BIN)/python -m compileall -q nianbao crawler spiders archive storage imitation benchmarks # once, and not by each of the three
	@$(BIN)/python -m pytest -n 3 --dist loadfile --no-loadscope-reorder -m "not nightly" --durations 25

nightly: setup ## the tests that take long, those of properties with fresh examples, and rounds of kills
	@$(BIN)/python -m pytest -n 2 --dist loadfile -m nightly
	@$(BIN)/python -m pytest -n 2 --dist loadfile -m "not nightly" --hypothesis-profile=seeking $$(grep -rlE '^@given|^    @given' tests)
	@$(BIN)/python -m benchmarks.crash --rounds 20
	@$(MAKE) test-alone bench-year bench-cluster

long-files: setup ## tests/long_files.txt, from the times of a whole run
	@$(BIN)/python -m pytest -n 3 --dist loadfile --no-loadscope-reorder -q -m "not nightly" --junitxml .venv/times.xml
	@$(BIN)/python -m scripts.long_files .venv/times.xml

quick: setup ## a minute: the tests without the demo's archive, a browser and PostgreSQL
	@$(BIN)/python -m pytest -n 2 --dist loadfile -m "not slow and not browser and not postgres and not nightly"

# Only files that speak of these documents are collected: collecting all takes longer than the tests.
test-alone: setup ## the tests of real documents where there are none: all are skipped, none fails
	@NIANBAO_SHARED=/nowhere $(BIN)/python -m pytest -m shared $$(grep -rlE 'shared|saved|corpus: Path' tests --include='test_*.py')

lint: setup ## ruff, ruff format, mypy --strict, import-linter, no secrets
	@failed=0; for one in "ruff check ." "ruff format --check ." mypy lint-imports "python -m scripts.find_secrets"; do \
		$(BIN)/$$one || failed=1; done; exit $$failed

check: lint test ## lint and test

format: setup ## let ruff order and format the code
	@$(BIN)/ruff check --fix . && $(BIN)/ruff format .

lock: $(BIN)/python ## constraints.hashes.txt from constraints.txt and pyproject.toml; delete a pin to have the newest version
	@$(BIN)/python -m scripts.lock --maker >.venv/lock.txt
	@$(BIN)/python -m pip install --quiet --require-hashes --only-binary :all: --no-deps -r .venv/lock.txt
	@PATH=$(BIN):$$PATH $(BIN)/python -m scripts.lock --make

licences: setup ## docs/licences.md; fails where a licence is not allowed
	@$(BIN)/python -m scripts.supply licences

release: setup ## dist/: the wheel, its bill of materials (CycloneDX), the lock, and the SHA-256 of each
	@rm -rf dist && SOURCE_DATE_EPOCH=$$(git log -1 --format=%ct) $(BIN)/hatchling build --target wheel
	@$(BIN)/python -m scripts.supply bill dist/nianbao.cdx.json
	@cp constraints.hashes.txt dist/ && cd dist && sha256sum -- * | tee SHA256SUMS

bless: setup ## write golden files anew; read the difference before you commit it
	@NIANBAO_BLESS=1 $(BIN)/python -m pytest -n 2 --dist loadfile tests/test_every_portal.py tests/test_every_document.py tests/cli/test_screens.py

ablation: setup ## which documents need each stage and repair of the reader
	@$(BIN)/python -m benchmarks.ablation

fuzz: setup ## read many damaged documents of every kind in the reading processes (COUNT=100000)
	@$(BIN)/python -m tests.fuzzing $(or $(COUNT),100000)

bench: setup ## all benchmarks in their short form
	@for name in $$($(BIN)/python -m benchmarks); do $(BIN)/python -m benchmarks.$$name --short || exit 1; done
bench-%: setup ## one benchmark, as bench-reading: a table for people and benchmarks/out/NAME.json
	@$(BIN)/python -m benchmarks.$*

clean: ## remove the environment and the demo
	@rm -rf .venv .venv-replay $(DEMO) benchmarks/out
