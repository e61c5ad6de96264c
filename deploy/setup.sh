# Sourced by demo.sh and test.sh: finds Python 3.11 or newer and makes .venv with the pinned packages.
# WHAT names what to install: "." or ".[dev]".
set -eu
cd "$(dirname "$0")/.."

PYTHON=${PYTHON:-}
for candidate in $PYTHON python3.11 python3.12 python3.13 python3 python; do
    if "$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
        PYTHON=$candidate
        break
    fi
    PYTHON=
done
if [ -z "$PYTHON" ]; then
    echo "digestbot needs Python 3.11 or newer; install it, or name it: PYTHON=/path/to/python3 sh $0" >&2
    exit 2
fi

VENV=${VENV:-.venv}
# Nothing is installed again while the pins and the project's own requirements stay as they are.
STAMP="$VENV/.installed-$(printf %s "$WHAT" | tr -cd a-z)"
if [ ! -f "$STAMP" ] || [ pyproject.toml -nt "$STAMP" ] || [ deploy/constraints.txt -nt "$STAMP" ]; then
    echo "setting up $VENV (a minute at most) ..." >&2
    "$PYTHON" -m venv "$VENV"
    "$VENV/bin/python" -m pip install --quiet --disable-pip-version-check \
        --constraint deploy/constraints.txt --editable "$WHAT"
    touch "$STAMP"
fi
