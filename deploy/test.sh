#!/bin/sh
# Sets digestbot up in .venv with what its tests need, and runs them: lint, types, tests.
# --quick: lint, types and what decides, by tests that start no server and none that takes long; for every few minutes
# of work.
EXTRA=dev
. "$(dirname "$0")/setup.sh"
"$VENV/bin/ruff" check .
"$VENV/bin/ruff" format --check .
"$VENV/bin/mypy"
if [ "${1:-}" = --quick ]; then
    shift
    set -- tests/model tests/rules tests/matching tests/digests tests/subscribers tests/rendering \
        tests/delivery/test_attempt.py tests/delivery/test_decisions.py tests/delivery/test_destinations.py \
        tests/delivery/test_operator_actions.py tests/delivery/test_outages.py tests/delivery/test_message_writer.py \
        tests/bounces/test_judged.py tests/bounces/test_in_a_row.py tests/test_house.py tests/test_faults.py \
        "$@"
    for each in rendering/test_once rendering/test_bounds rendering/test_chats rendering/test_services \
        rendering/test_golden matching/test_inverted_index; do
        set -- "$@" "--ignore=tests/$each.py"
    done
fi
# Half as many again as there are cores: many tests wait, for a clock or somebody's answer. The last ones are shared out.
WORKERS=$("$VENV/bin/python" -c 'import os; print(max(2, os.cpu_count() * 3 // 2))')
exec "$VENV/bin/python" -m pytest --numprocesses "$WORKERS" --dist worksteal "$@"
