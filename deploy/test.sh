#!/bin/sh
# Sets digestbot up in .venv with what its tests need, and runs them: lint, types, tests.
# --quick: lint, types and the tests of the rooms that decide, which start no server; for every few minutes of work.
WHAT='.[dev]'
. "$(dirname "$0")/setup.sh"
"$VENV/bin/ruff" check .
"$VENV/bin/ruff" format --check .
"$VENV/bin/mypy"
if [ "${1:-}" = --quick ]; then
    shift
    set -- tests/model tests/rules tests/matching tests/digests tests/subscribers tests/rendering \
        tests/test_house.py tests/test_faults.py "$@"
fi
# Half as many again as there are cores: many tests wait, for a clock or somebody's answer. The last ones are shared out.
WORKERS=$("$VENV/bin/python" -c 'import os; print(max(2, os.cpu_count() * 3 // 2))')
exec "$VENV/bin/python" -m pytest --numprocesses "$WORKERS" --dist worksteal "$@"
