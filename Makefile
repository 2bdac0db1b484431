# The handful of commands of HALVS. `make demo` and `make test` need nothing but a fresh machine.
.DEFAULT_GOAL := help
.PHONY: help demo test simulation dist bench bench-ldirectord bench-failover clean format

SHELL := /bin/bash
DIST := target/dist/halvs
# Whatever a Java source, a pom or a packaged file may be; make dist runs only when one of them is newer than what it made.
SOURCES := $(shell find pom.xml */pom.xml */src/main packaging etc tools -type f 2>/dev/null)

help: ## shows this text
	@awk -F ':.*## ' '/^[a-z-]+:.*## /{printf "  make %-16s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

demo: $(DIST)/.built ## builds what is missing and shows a failover on real packets (KEEP=1 leaves the lab running)
	@tools/demo

test: ## runs all tests
	@tools/prepare
	@tools/maven verify

simulation: ## lets clusters live through SEEDS bad days in virtual time (100000; SEEDS=1 FIRST=42 repeats one)
	@tools/prepare
	@tools/maven verify -pl ha-daemon -am -Dtest=ClusterSimulationTest -Dsurefire.failIfNoSpecifiedTests=false \
		-Dhalvs.simulation.seeds=$(or $(SEEDS),100000) -Dhalvs.simulation.first=$(or $(FIRST),1) \
		-Djunit.jupiter.execution.timeout.default='12 h'

dist: $(DIST)/.built ## makes target/dist/halvs, which runs with any JDK 25

$(DIST)/.built: $(SOURCES)
	@tools/prepare
	@mkdir -p target && echo "building, log in target/build.log"
	@tools/maven package -DskipTests > target/build.log 2>&1 || { tail -n 40 target/build.log; exit 1; }

bench: ## measures and compares, prints ratios
	@tools/prepare
	@tools/maven -q -Pbench -pl bench -am package -DskipTests

bench-ldirectord: $(DIST)/.built ## compares our ldirectord with the real one (SIZES="1500 10000" for the large ones)
	@bench/ldirectord/run $(if $(SIZES),-s "$(SIZES)")

bench-failover: $(DIST)/.built ## compares failovers with heartbeat's and keepalived's
	@bench/failover/run

format: ## formats the Java sources
	@tools/maven process-sources -Dhalvs.format=apply

clean: ## removes everything that was built
	@rm -rf target */target
