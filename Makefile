# Commands for working on Fieldgate. `make help` lists them.
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory

export CGO_ENABLED := 0
# nodynamic: photos in HEIC are decoded by the code we ship, never by a library of the machine.
# trimpath: clones in different folders share what is compiled, and what is built is the same everywhere.
# gcflags: inlining would copy the closures of components into whatever uses them; without it the templates'
# code is half as large, and compiles eight times as fast. Here, so that building, tests and linters share it.
export GOFLAGS := $(strip $(shell go env GOFLAGS 2>/dev/null) -tags=nodynamic -trimpath '-gcflags=fieldgate/templates/...=-l')

# nodemo: what is released serves no demo business and carries none of its photos.
BUILD := go build -tags nodynamic,nodemo -ldflags "-s -w"
WEBLINT := tools/lint/node_modules
# Tools are built once for each of their versions, and serve every clone.
CACHE := $(or $(XDG_CACHE_HOME),$(HOME)/.cache)/fieldgate
TOOLS := $(CACHE)/tools-$(shell cat tools/go.mod tools/go.sum | cksum | tr ' ' -)-$(shell go env GOVERSION 2>/dev/null)
TEMPL := $(TOOLS)/templ
LINT := $(TOOLS)/golangci-lint

# What make test tests. More tests at once than there are cores: they wait for
# the database, for mail and for pages more than they compute.
# Journeys in a browser take ten minutes on a slow machine, where go test would give up.
# Where nobody waits, one package at a time: limits of time that pages have are tested, too.
PKG := ./...
# Those that take longest begin first, so that nobody waits for them alone.
LONG := $(if $(filter ./...,$(PKG)),./web/apptest/journey ./web/apptest/... ./web/portal ./web/office)
# The packages that share memory between goroutines, tested by make race too.
SHARING := ./cmd/devpg/... $(addprefix ./internal/,imaging mail/... notify password pdf queue turns) $(addprefix ./web/,dev download listen session upload)

# With DATABASE_URL set, that database is used; else a private one under devpg.
# The demo and the tests have a cluster each, so that neither touches the other's data.
RUN_DB := $(if $(DATABASE_URL),,bin/devpg .dev/run)
TEST_DB := $(if $(DATABASE_URL),,bin/devpg -fast .dev/test)

.PHONY: help
help: ## list these commands
	@awk -F ':.*## ' '/^[a-z]+:.*## /{printf "  make %-13s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

.PHONY: run
run: database assets ## bring up the demo business and say where to go
	@echo "Building the demo…"
	@go build -o bin/demo ./cmd/fieldgate
	@FIELDGATE_FONTS="$${FIELDGATE_FONTS:-$(CURDIR)/fonts}" exec $(RUN_DB) bin/demo demo

.PHONY: test
test: database assets ## run all tests, or with PKG=./internal/job those of one package
	@$(if $(filter ./... ./web/apptest%,$(PKG)),tools/install.sh chromium)
	@$(if $(DATABASE_URL),,$(if $(filter ./... ./cmd/fieldgate% ./internal/portal% ./internal/postgres%,$(PKG)),tools/install.sh pooler))
	@echo "Testing…"
	@results=$$(node --test static/js/test/*.test.js) || { echo "$$results"; echo "Some tests of the scripts failed; see above."; exit 1; }
	@$(TEST_DB) go test -timeout 25m $(if $(CI),-p 1 -parallel 6,-parallel 8) $(LONG) $(PKG) && echo "All tests passed." || { echo "Some tests failed; see above."; exit 1; }

# Short: what a process of its own does is not asked of it again and again. go vet has looked in lint.
.PHONY: race
race: database assets ## test what shares memory with the race detector
	@tools/install.sh cc
	@echo "Looking for races…"
	@CGO_ENABLED=1 $(TEST_DB) go test -race -short -vet=off $(SHARING) && echo "No races seen." || { echo "Some tests failed; see above."; exit 1; }

.PHONY: check
check: lint current small test race ## lint, see that generated files are current and the program is small, run all tests
	@echo "All checks passed."

.PHONY: lint
lint: go assets $(LINT) $(WEBLINT)/.package-lock.json ## look for mistakes and wrong formatting
	@echo "Linting…"
	@$(WEBLINT)/.bin/eslint -c tools/lint/eslint.config.mjs --max-warnings 0 --cache --cache-location .dev/eslintcache static/js tools/lint/*.mjs & scripts=$$!; \
	$(WEBLINT)/.bin/stylelint --config tools/lint/stylelint.config.mjs --max-warnings 0 --cache --cache-location .dev/stylelintcache "static/css/*.css" & sheets=$$!; \
	failed=0; $(LINT) run || failed=1; wait $$scripts || failed=1; wait $$sheets || failed=1; exit $$failed
	@go vet -C internal/export/deepcopy ./...
	@go mod tidy -diff || { echo "go.mod is not tidy: run go mod tidy."; exit 1; }

.PHONY: generate
generate: $(TEMPL) ## write the Go code of the templates
	@$(TEMPL) generate -log-level warn

.PHONY: assets
assets: static/packed/.made ## fetch browser code and icons of others from npm, compress what browsers load
	@:

.PHONY: build
build: go assets ## build the program, bin/fieldgate, with its fonts and bill of materials
	@echo "Building bin/fieldgate…"
	@$(BUILD) -o bin/fieldgate ./cmd/fieldgate
	@ln -sfn ../fonts bin/fonts
	@bin/fieldgate sbom > bin/fieldgate.cdx.json

# What grows it most is seldom what was written: a dependency of a dependency, or one function that looks methods up by
# a name known only at run time, after which the linker keeps every method of every type. docs/development.md has how to look.
MOST := 62000000
.PHONY: small
small: build ## see that the program has not outgrown its limit
	@size=$$(wc -c <bin/fieldgate); [ "$$(go env GOOS GOARCH | tr '\n' /)" != linux/amd64/ ] || [ $$size -le $(MOST) ] || \
	{ echo "bin/fieldgate has $$size bytes and may have $(MOST): see docs/development.md, How large the program is."; exit 1; }

.PHONY: reproducible
reproducible: go ## before a release: build the last commit twice from nothing and compare
	@tools/reproducible.sh

# A business of so many jobs is generated once and kept in .dev/bench. COMPARE=10000 measures one of that size, too, and how
# pages grow; WRITE=1 puts the tables into docs/performance.md; ARGS="-only jobs -rounds 9" and the like.
JOBS := 100000
.PHONY: bench
bench: build database ## measure what pages cost on a large business: JOBS=1000000, COMPARE=10000, WRITE=1
	@go build -o .dev/bin/bench ./cmd/bench
	@bin/devpg .dev/bench .dev/bin/bench -jobs $(JOBS) $(if $(COMPARE),-compare $(COMPARE)) $(if $(WRITE),-write docs/performance.md) $(ARGS)

.PHONY: benchmarks
benchmarks: database assets ## run the benchmarks of packages
	@$(TEST_DB) go test -run '^$$' -bench . -benchmem $(PKG)

KILLS := 100
.PHONY: chaos
chaos: database ## kill the program again and again while it is at work, and see that nothing is lost
	@$(TEST_DB) go test ./cmd/fieldgate -run TestNoMailIsLost -v -count=1 -changes=600 -kills=60
	@$(TEST_DB) go test ./cmd/fieldgate -run TestNothingSaidIsLost -v -count=1 -timeout 1h -kills=$(KILLS)
	@$(TEST_DB) go test ./cmd/fieldgate -run TestFailover -v -count=1 -changes=300
	@$(TEST_DB) go test ./cmd/fieldgate-connect-servicem8 -run TestKilledAtAnyMoment -v -count=1 -timeout 1h -kills=$(KILLS)

HISTORIES := 10000
.PHONY: histories
histories: database ## let people act against each other again and again, and look for an order that explains what each was answered
	@$(TEST_DB) go test ./web/apptest/histories -v -count=1 -timeout 3h -histories=$(HISTORIES)

.PHONY: mutations
mutations: database ## break each clause of what customers may see, and look whether it is noticed
	@$(TEST_DB) go test ./internal/portal -run TestEveryClauseCounts -v -count=1 -mutations

.PHONY: proxies
proxies: database ## replace two copies behind each proxy that is installed, under load
	@$(TEST_DB) go test ./cmd/fieldgate -run TestProxies -v -count=1 -proxies

.PHONY: screenshots
screenshots: database assets ## take the pictures of the README
	@tools/install.sh chromium
	@$(TEST_DB) go test ./web/apptest -count 1 -run TestScreenshots -screenshots

.PHONY: reset
reset: database ## forget the demo's data; the next make run begins afresh
	@bin/devpg -remove .dev/run && echo "The demo's data is gone."

.PHONY: clean
clean: ## remove what was built or fetched; databases stay
	@rm -rf bin fonts .dev/bin tools/node_modules $(WEBLINT)
	@find static/vendor static/packed -mindepth 1 ! -name .gitkeep -delete

# What the commands above stand on.

.PHONY: go
go:
	@tools/install.sh go

# PostgreSQL's programs and devpg, which runs them.
.PHONY: database
database: go
ifndef DATABASE_URL
	@[ -e bin/devpg ] || echo "Building bin/devpg…"
	@go build -o bin/devpg ./cmd/devpg
	@tools/install.sh postgres
endif

# In a tree with changes too: what counts is whether generating changes anything.
.PHONY: current
current: go $(TEMPL)
	@sums() { find . -name '*_templ.go' -not -path './.dev/*' -exec cksum {} + | sort; }; \
	before=$$(sums); $(TEMPL) generate -log-level warn; \
	[ "$$before" = "$$(sums)" ] || { echo "Generated files were out of date; now they are current: commit them."; exit 1; }
	@version() { go list -m -f '{{.Version}}' github.com/a-h/templ; }; \
	[ "$$(version)" = "$$(cd tools && version)" ] || { echo "go.mod and tools/go.mod name different versions of templ."; exit 1; }

# Their folder names their version; renamed when whole, so that no clone runs half a program.
$(TEMPL):
	@echo "Building templ (once)…"
	@go build -C tools -o $@.$$$$ github.com/a-h/templ/cmd/templ && mv $@.$$$$ $@

$(LINT):
	@echo "Building golangci-lint (a minute or two, once)…"
	@go build -C tools -o $@.$$$$ github.com/golangci/golangci-lint/v2/cmd/golangci-lint && mv $@.$$$$ $@

tools/node_modules/.package-lock.json: tools/package-lock.json
	@tools/install.sh npm
	@echo "Fetching browser code and icons with npm…"
	@npm ci --prefix tools --no-progress --loglevel error >/dev/null && touch $@

$(WEBLINT)/.package-lock.json: tools/lint/package-lock.json
	@tools/install.sh npm
	@echo "Fetching eslint and stylelint with npm…"
	@npm ci --prefix tools/lint --no-progress --loglevel error >/dev/null && touch $@

static/packed/.made: static/vendor/htmx.min.js $(wildcard static/*.go static/css/* static/js/*.js static/img/* static/pack/*.go) | go
	@go run ./static/pack static/packed && touch $@

static/vendor/htmx.min.js: tools/node_modules/.package-lock.json static/icons.txt tools/vendor.sh
	@tools/vendor.sh
