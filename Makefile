HARNESS := python3 tests/harness/environment.py

.PHONY: help demo test check generate cluster-up cluster-down images e2e bench-operator bench-serving bench-rollout bench-drift bench-soak

help: ; @awk -F': ; .* ## ' '/ ## / {printf "make %-15s %s\n", $$1, $$2}' Makefile ## this list

demo: ; @$(HARNESS) demo $(ARGS) ## from three manifests to verified predictions on a real cluster; ARGS="--svg FILE" draws it

test: ; @$(HARNESS) test ## check, then all tests on the cluster

check: ; @$(HARNESS) check ## all that needs no cluster: format, types, layers, unit and golden tests

generate: ; @$(HARNESS) generate ## write the generated files: CRDs, chart, reference, requirements

cluster-up: ; @$(HARNESS) up ## bring the cluster up, or repair it

cluster-down: ; @$(HARNESS) down ## leave nothing of the cluster behind but the cache

images: ; @$(HARNESS) images ## build the images, and print their names and sizes

e2e: ; @$(HARNESS) e2e $(ARGS) ## the end-to-end tests; ARGS="-k name" chooses

bench-operator: ; @$(HARNESS) bench operator ## 500 Datasets on a real API server, then silence

bench-serving: ; @$(HARNESS) bench serving $(ARGS) ## CPU of an answer beside other servers; ARGS="--quick" keeps those built

bench-rollout: ; @$(HARNESS) bench rollout $(ARGS) ## 3,000 simulated rollouts of each kind, beside other rules; ARGS="--quick" for 300

bench-drift: ; @$(HARNESS) bench drift $(ARGS) ## false alarms and power of drift tests on flights, beside other rules; ARGS="--quick"

bench-soak: ; @$(HARNESS) bench soak $(ARGS) ## ten minutes of requests: memory stays what it is, each is counted exactly
