# SPDX-License-Identifier: MIT
# What a newcomer needs: `make run`, `make test`. Behind it stands meson.
BUILD ?= build
prefix ?= /usr/local

# What `make install` puts down; each test, and the benchmarks, build what they need themselves.
all: $(BUILD)/build.ninja
	@ninja -C $(BUILD) --quiet installed

$(BUILD)/build.ninja:
	@command -v meson >/dev/null || { echo "make: meson is missing. Hint: make setup (installs what the build needs, with apt-get)" >&2; exit 1; }
	@meson setup $(BUILD) -Dprefix=$(prefix) >$(BUILD).log 2>&1 || { cat $(BUILD).log; exit 1; }
	@mv $(BUILD).log $(BUILD)/setup.log

setup:
	@tools/setup build

run:
	@tools/setup build vm
	@$(MAKE) --no-print-directory $(BUILD)/build.ninja
	@ninja -C $(BUILD) --quiet mpol mpol-scenario examples/numa-locality
	@$(BUILD)/examples/numa-locality run

test:
	@tools/setup build vm test
	@tests/run --build $(BUILD)

test-all:
	@tools/setup build vm test engines
	@tests/run --build $(BUILD) --all

test-long:
	@tools/setup build vm test engines
	@tests/run --build $(BUILD) --long

bench:
	@tools/setup build vm bench
	@$(MAKE) --no-print-directory $(BUILD)/build.ninja
	@ninja -C $(BUILD) --quiet installed benchmarks
	@bench/run $(BUILD)

install: $(BUILD)/build.ninja
	@meson configure $(BUILD) -Dprefix=$(prefix)
	@ninja -C $(BUILD) --quiet installed
	@meson install -C $(BUILD) --no-rebuild --quiet $(if $(DESTDIR),--destdir $(DESTDIR))

clean:
	@rm -rf $(BUILD) $(BUILD)-*

.PHONY: all setup run test test-all test-long bench install clean
