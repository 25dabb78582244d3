# What can be done here; `make help` lists it.
GO       ?= go
FUZZTIME ?= 10s
VERSION  ?=
# Of "make test-long": random permission lists, and checks of each property.
CORPUS ?= 2000
CHECKS ?= 1000
# Of "make bench": how often, how long, which. benchstat is pinned here, because nothing of it is in the module.
ROUNDS    ?= 10
BENCHTIME ?= 0.5s
BENCH     ?= .
BENCHSTAT := v0.0.0-20260908200009-22c9c6c9d4da
# -race is worth its time on everything; RACE= switches it off.
RACE     ?= -race
SHELL    := /bin/bash

.DEFAULT_GOAL := help
.PHONY: help demo test test-long test-deps node-deps build lint fuzz bench docs image

help: ## show this
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-10s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

demo: ## the whole bot on embedded parts, with a page like Slack's at http://127.0.0.1:8080
	$(GO) run ./cmd/easbot-demo

# The domain that tests copy is provisioned beside the compiler. A process under the race detector sleeps a second when it
# ends, for goroutines that outlive main: the tests allow none (goleak). "make lint" and .ci/run vet the tests, too.
test: test-deps node-deps ## install what the tests need (Debian, Ubuntu), start real servers, run every test
	@mkdir -p .cache
	@set -o pipefail; begin=$$SECONDS; \
	$(GO) run ./internal/lab/prepare & \
	GORACE=atexit_sleep_ms=0 $(GO) test $(RACE) -vet=off -timeout 15m ./... 2>&1 | tee .cache/test-log; status=$$?; wait; \
	printf '%4d s  make test\n' $$((SECONDS - begin)) > .cache/test-figures; \
	awk '/^ok / {ok++} /^FAIL\t/ {bad++} END {printf "packages: %d passed, %d failed\n", ok, bad}' .cache/test-log | tee .cache/test-summary; \
	exit $$status

# Ten times as many random cases as "make test" draws, and the whole corpus of permissions. Without the race detector, which
# "make test" has. bot is left out: its properties are few, and its stories take their time once already.
test-long: test-deps ## the tests that draw random cases, with many more of them
	EASBOT_CORPUS_CASES=$(CORPUS) $(GO) test -vet=off -count=1 -timeout 15m -run '^TestPermissions_' -v ./internal/ad
	$(GO) test -vet=off -count=1 -timeout 15m \
	  $$($(GO) list -f '{{.ImportPath}} {{.TestImports}} {{.XTestImports}}' ./... | awk '/pgregory.net\/rapid/ && $$1 != "easbot/bot" {print $$1}') \
	  -rapid.checks=$(CHECKS)

test-deps:
	@.ci/install

# The Node packages that check the fake Slack with Slack's own code; pinned by their lock files.
node-deps:
	@if command -v npm >/dev/null; then \
	  for lock in tools/bolt-check/package-lock.json tools/powershell-check/package-lock.json; do \
	    [ -f "$$lock" ] || continue; dir=$${lock%/*}; \
	    if [ ! -d "$$dir/node_modules" ] || [ "$$lock" -nt "$$dir/node_modules" ]; then (cd "$$dir" && npm ci --silent --no-audit --no-fund && touch node_modules); fi; \
	  done; \
	elif [ "$$CI" = true ]; then echo "npm is missing, and in CI nothing may be skipped" >&2; exit 1; fi

build: ## static binaries bin/easbot and bin/easbot-demo
	CGO_ENABLED=0 $(GO) build -trimpath -ldflags "-s -w -X main.version=$(VERSION)" -o bin/ ./cmd/easbot ./cmd/easbot-demo

lint: ## gofmt, go vet, and the linters when they are installed
	@files=$$(gofmt -l $$(git ls-files '*.go')); [ -z "$$files" ] || { echo "not formatted: $$files"; exit 1; }
	$(GO) vet ./...
	@for l in "staticcheck ./..." "golangci-lint run ./..."; do command -v $${l%% *} >/dev/null && $$l || { command -v $${l%% *} >/dev/null && exit 1; echo "$${l%% *} is not installed (.ci/run installs it)"; }; done

# Go's fuzzer now and then ends with "context deadline exceeded" when its time is up on a busy machine, without any failing
# input: that is tried once more. Everything else fails.
fuzz: ## every fuzz target for FUZZTIME (10s)
	@set -eo pipefail; for p in $$($(GO) list ./...); do \
	  dir=$$($(GO) list -f '{{.Dir}}' $$p); \
	  for t in $$(grep -hos '^func Fuzz[A-Za-z0-9_]*' $$dir/*_test.go | sed 's/^func //'); do \
	    echo "$$p $$t"; \
	    for try in 1 2; do \
	      out=$$($(GO) test -run '^$$' -fuzz "^$$t\$$" -fuzztime $(FUZZTIME) $$p 2>&1) && break; \
	      case "$$out" in *"context deadline exceeded"*) [ $$try = 1 ] && continue;; esac; \
	      echo "$$out"; exit 1; \
	    done; \
	    echo "$$out" | tail -n 2; \
	  done; \
	done

bench: test-deps ## measure beside other programs, ROUNDS (10) times each, and print one table: docs/benchmarks.md
	@mkdir -p .cache
	set -o pipefail; $(GO) test -run '^$$' -bench '$(BENCH)' -benchtime $(BENCHTIME) -count $(ROUNDS) -timeout 1h ./tools/bench | tee .cache/bench-log
	$(GO) run golang.org/x/perf/cmd/benchstat@$(BENCHSTAT) -col /by .cache/bench-log

docs: ## write what is generated: causes, guide, commands, configuration, permissions, the command table of the README
	$(GO) generate ./diag ./diag/guide ./internal/config ./internal/rules

image: ## the container image
	docker build --build-arg VERSION=$(VERSION) -t easbot .
