#!/bin/sh
# Sets digestbot up in .venv with what its tests need, and runs them all: lint, types, tests.
WHAT='.[dev]'
. "$(dirname "$0")/setup.sh"
"$VENV/bin/ruff" check .
"$VENV/bin/ruff" format --check .
"$VENV/bin/mypy"
exec "$VENV/bin/python" -m pytest --numprocesses auto "$@"
