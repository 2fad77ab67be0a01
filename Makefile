# Every target sets up what it needs, on a fresh Debian 12 as root or with sudo; the second time that is nothing.

PDF_PACKAGES  = libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0
TEST_PACKAGES = $(PDF_PACKAGES) poppler-utils qpdf chromium iproute2 openssh-client \
    busybox dash mksh ksh93u+m yash zsh posh tcsh gawk mawk original-awk shellcheck strace procps
ARGS =
N = 5

# What Python compiled is kept, whatever the shell says: the tests start the command a thousand times
export PYTHONDONTWRITEBYTECODE =

.PHONY: demo test test-all coverage bench lab lint lowest newest lock docs build clean

demo: .venv/.run
	@.ci/setup debian $(PDF_PACKAGES)
	.venv/bin/pmx-preflight demo out/demo

test: .venv/.dev
	@.ci/setup debian $(TEST_PACKAGES)
	@.ci/setup lab
	.venv/bin/pytest $(ARGS)

# Also what is exhaustive, or prints for minutes
test-all:
	@$(MAKE) --no-print-directory test ARGS="-m '' $(ARGS)"

# Which lines and branches no test reaches: out/coverage/index.html, to be read; no figure is demanded.
# A test that lets a process write next to nothing fails here, where what was reached is written too.
coverage: .venv/.dev
	@.ci/setup debian $(TEST_PACKAGES)
	@.ci/setup lab
	rm -rf out/coverage
	mkdir -p out/coverage
	-.venv/bin/coverage run -m pytest $(ARGS)
	.venv/bin/coverage combine --quiet
	.venv/bin/coverage html --quiet --directory out/coverage
	.venv/bin/coverage report

# Whether a check and a plan of ten times as many servers take ten times as long; bench/README.md has the others
bench: .venv/.dev
	.venv/bin/python bench/linear.py

# Real hosts to try things on, until Ctrl-C: make lab N=5
lab: .venv/.run
	@.ci/setup debian iproute2 openssh-client
	@.ci/setup lab
	PYTHONPATH=tests .venv/bin/python -m lab $(N)

lint: .venv/.dev
	.venv/bin/ruff check .
	.venv/bin/ruff format --check .
	.venv/bin/mypy

# With the oldest Python and the oldest releases that pyproject.toml allows
lowest: .venv-lowest/.lowest
	@.ci/setup debian $(TEST_PACKAGES)
	.venv-lowest/bin/pmx-preflight demo out/lowest
	.venv-lowest/bin/pytest -m 'not large and not lab' $(ARGS)

# With the newest Python that is found here, and the newest releases that pyproject.toml allows today
newest:
	@.ci/setup python newest
	@.ci/setup debian $(TEST_PACKAGES)
	.venv-newest/bin/pmx-preflight demo out/newest
	.venv-newest/bin/pytest -m 'not large and not lab' $(ARGS)

# The tables in docs/ that follow from the code
docs: .venv/.dev
	.venv/bin/python docs/regenerate.py

lock:
	@.ci/setup lock

build: .venv/.dev
	.venv/bin/python -m build --outdir dist

# The environments stay: they are slow to make, and make again does so when .venv is removed.
clean:
	rm -rf build dist out .mypy_cache .ruff_cache .pytest_cache .hypothesis
	find . -path './.venv*' -prune -o -name __pycache__ -type d -exec rm -rf {} +

.venv/.run: requirements.txt pyproject.toml
	@.ci/setup python run

.venv/.dev: requirements-dev.txt pyproject.toml
	@.ci/setup python dev

.venv-lowest/.lowest: requirements-lowest.txt pyproject.toml
	@.ci/setup python lowest
