# Every target sets up what it needs, on a fresh Debian 12 as root or with sudo; the second time that is nothing.

PDF_PACKAGES  = libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0
TEST_PACKAGES = $(PDF_PACKAGES) poppler-utils qpdf chromium iproute2 openssh-client \
    busybox dash mksh ksh93u+m yash zsh posh tcsh shellcheck strace procps
ARGS =
N = 5

.PHONY: demo test lab lint build clean

demo: .venv/.installed
	@.ci/setup debian $(PDF_PACKAGES)
	.venv/bin/pmx-preflight demo out/demo

test: .venv/.installed
	@.ci/setup debian $(TEST_PACKAGES)
	@.ci/setup lab
	.venv/bin/pytest $(ARGS)

# Real hosts to try things on, until Ctrl-C: make lab N=5
lab: .venv/.installed
	@.ci/setup debian iproute2 openssh-client
	@.ci/setup lab
	PYTHONPATH=tests .venv/bin/python -m lab $(N)

lint: .venv/.installed
	.venv/bin/ruff check .
	.venv/bin/ruff format --check .
	.venv/bin/mypy

build: .venv/.installed
	.venv/bin/python -m build --outdir dist

# The environment stays: it is slow to make, and make again does so when .venv is removed.
clean:
	rm -rf build dist out .mypy_cache .ruff_cache .pytest_cache .hypothesis
	find . -path ./.venv -prune -o -name __pycache__ -type d -exec rm -rf {} +

.venv/.installed: pyproject.toml
	@.ci/setup python
