# Sonae. `make help` lists the targets; `make demo` and `make test` need only Rust and make.
SHELL := /bin/bash
.SHELLFLAGS := -o pipefail -ec
.DEFAULT_GOAL := help

OUT := $(or $(CARGO_TARGET_DIR),target)
BIN := $(OUT)/debug
LINT := .venv/lint/bin
DENY := .tools/bin/cargo-deny
BOM := .tools/bin/cargo-cyclonedx
export SAM_CLI_TELEMETRY := 0
export AWS_DEFAULT_REGION ?= us-east-1

.PHONY: help
help: ## This list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "%-16s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

.PHONY: demo
demo: build ## A whole night on the embedded cloud, real functions, no AWS account (NOTICE_LANG=en)
	@$(BIN)/demo

.PHONY: test
test: ## Every test; offline once the crates are fetched
	@cargo test --workspace --no-fail-fast 2>&1 | awk ' \
	  { print; fflush() } \
	  /^test result:/ { passed += $$4; failed += $$6 } \
	  END { printf "%d passed, %d failed\n", passed, failed }'

.PHONY: nights
nights: ## So many generated nights on the model, every promise asked: make nights N=10000 SEED=1
	@cargo run --quiet --profile nights --package model --example nights -- $(or $(N),10000) $(or $(SEED),1)

.PHONY: mutants
mutants: ## Breaks one rule of the sweep at a time and sees the tests fail (some 20 minutes)
	@tools/mutants.sh

.PHONY: bench
bench: .venv/bench/.done ## Size, start, time and memory, beside a Python twin, into docs/benchmarks.md (BENCH_RUNS=3)
	@cargo build --quiet --release --locked --package react --package check --package sweep --package chat --bins
	@cargo build --quiet --profile nights --locked --package local --bin bench
	@mkdir -p target/bench
	@.venv/bench/bin/python -B tools/bench_facts.py $(OUT)/release > target/bench/facts.json
	@$(OUT)/nights/bench $(OUT)/release .venv/bench/bin/python target/bench/facts.json

.PHONY: invoke
invoke: build ## One event to the function it reaches, without Docker: make invoke EVENT=events/..json
	@$(BIN)/invoke $(EVENT)

.PHONY: report
report: build ## Today's report by hand, exit 1 when something is wrong: make report JOURNAL=bucket
	@$(BIN)/sonae report --journal '$(JOURNAL)'

.PHONY: shots
shots: chromium demo ## The demo's report as pictures in demo-out/, for a phone and a desk; needs Debian's chromium
	@tools/shots.sh demo-out/journal/reports/2025-11-06.html demo-out

.PHONY: chromium
chromium: # Asked before anything is built for it
	@command -v chromium > /dev/null || { echo 'shots needs chromium (tried with 156); on Debian, as root: apt-get install chromium fonts-noto-cjk'; exit 1; }

.PHONY: check
check: fmt-check clippy docs deny lint checkov workflows ## Format, lints, docs, licences, templates, workflows

.PHONY: deploy
deploy: build .venv/deploy/.done ## Both stacks into your AWS account, armed once the first heartbeat was read (CHAT=sonae/chat)
	@PATH="$(CURDIR)/.venv/deploy/bin:$$PATH" tools/deploy.sh $(BIN)/sonae-policy

.PHONY: deploy-local
deploy-local: build .venv/lint/.done .venv/local/.done ## Both stacks and a night's events on this machine, no AWS account, no Docker
	@.venv/local/bin/python -B tools/deploy_local.py

.PHONY: test-contract
test-contract: build .venv/contract/.done ## The same calls on moto and on our model, every difference listed with AWS's words
	@PYTHONPATH=tools .venv/contract/bin/python -B -m contract

.PHONY: test-host
test-host: build .venv/contract/.done ## sonae-agent with a real PostgreSQL and pgBackRest (apt when root), S3 by moto
	@SONAE_AGENT=$(BIN)/sonae-agent PYTHONPATH=tools .venv/contract/bin/python -B -m host

.PHONY: demo-host
demo-host: build .venv/contract/.done ## A dropped table restored to the second, S3 away for a minute (NOTICE_LANG=en)
	@SONAE_AGENT=$(BIN)/sonae-agent PYTHONPATH=tools .venv/contract/bin/python -B -m host.demo

.PHONY: bench-host
bench-host: .venv/contract/.done ## sonae-agent beside pg_dump and bare pgBackRest, 1 GiB and more, into docs/benchmarks-host.md
	@cargo build --quiet --release --locked --package agent --bin sonae-agent
	@SONAE_AGENT=$(OUT)/release/sonae-agent PYTHONPATH=tools .venv/contract/bin/python -B -m host.bench

.PHONY: contract-table
contract-table: .venv/contract/.done # After a change of tests/data/contract.toml, for docs/contract.md
	@PYTHONPATH=tools .venv/contract/bin/python -B -m contract --table

.PHONY: package
package: $(BOM) .venv/deploy/.done ## Zips, templates, bills of materials and checksums in dist/, for both processors
	@PATH="$(CURDIR)/.venv/deploy/bin:$$PATH" python -B tools/package.py

.PHONY: sam-local
sam-local: docker build .venv/deploy/.done ## Every event through `sam local invoke`; needs Docker
	@PATH="$(CURDIR)/.venv/deploy/bin:$$PATH" python -B tools/sam_local.py

.PHONY: docker
docker: # Asked before anything is built for it
	@docker info > /dev/null 2>&1 || { echo 'sam-local needs Docker, which is not installed, not running or not for you;' \
	  'on Debian, as root: apt-get install docker.io && service docker start'; exit 1; }

.PHONY: build
build: ## Functions, tools and the embedded cloud, for this machine
	@cargo build --workspace --bins

.PHONY: fmt
fmt: ## Format the code
	@cargo fmt --all

.PHONY: fmt-check
fmt-check:
	@cargo fmt --all -- --check

.PHONY: clippy
clippy:
	@cargo clippy --workspace --all-targets -- -D warnings

.PHONY: docs
docs:
	@RUSTDOCFLAGS="-D warnings" cargo doc --workspace --no-deps --quiet

.PHONY: deny
deny: $(DENY) # Licences, bans and sources; advisories need the network: make deny-advisories
	@$(DENY) check --hide-inclusion-graph bans licenses sources

.PHONY: deny-advisories
deny-advisories: $(DENY) ## Known vulnerabilities (fetches the advisory database)
	@$(DENY) check --hide-inclusion-graph advisories

$(DENY):
	@cargo install cargo-deny --version 0.20.2 --locked --quiet --root .tools

$(BOM):
	@cargo install cargo-cyclonedx --version 0.5.9 --locked --quiet --root .tools

.PHONY: lint
lint: .venv/lint/.done # The templates, as CloudFormation and as SAM
	@$(LINT)/cfn-lint
	@$(LINT)/sam validate
	@$(LINT)/sam validate --config-env dr
	@$(LINT)/sam validate --lint --template template-vault.yaml
	@$(LINT)/sam validate --lint --template template-vault-dr.yaml
	@$(LINT)/sam validate --lint --template template-bucket.yaml
	@$(LINT)/sam validate --lint --template template-bucket-dr.yaml
	@$(LINT)/sam validate --lint --template template-host.yaml
	@$(LINT)/python -B tools/translate.py --check

.PHONY: translate
translate: .venv/lint/.done # After a change of a template, for the template tests
	@$(LINT)/python -B tools/translate.py

.PHONY: error-codes
error-codes: .venv/lint/.done # After a new call, for the error table
	@$(LINT)/python -B tools/error_codes.py

.PHONY: cli-flags
cli-flags: .venv/lint/.done # After a new AWS CLI command in a document or a notice, for the documents' test
	@$(LINT)/python -B tools/cli_flags.py

.PHONY: checkov
checkov: .venv/checkov/.done # The templates' security; .checkov.yaml says what is let through, and why
	@.venv/checkov/bin/checkov | awk '{ print } /Parsing errors/ { unread = 1 } END { exit unread }'

.PHONY: workflows
workflows: .venv/workflows/.done # .github/workflows: pins, permissions, injections, syntax; without the network
	@.venv/workflows/bin/check-jsonschema --builtin-schema vendor.github-workflows .github/workflows/*.yml
	@.venv/workflows/bin/zizmor --offline --pedantic --strict-collection --no-progress --quiet .github

.venv/%/.done: requirements/%.txt
	@python3 -m venv --clear $(@D) || { echo 'python3 cannot make a venv; on Debian: apt-get install python3-venv'; exit 1; }
	@$(@D)/bin/pip install --quiet --requirement $<
	@touch $@

.PHONY: clean
clean: ## Remove everything that was built
	@cargo clean
	@rm -rf .venv .tools .aws-sam demo-out dist bench/__pycache__
