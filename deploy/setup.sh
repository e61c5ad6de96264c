# Sourced by demo.sh, test.sh and release.sh: finds Python 3.11 or newer (PYTHON names another) and makes .venv (VENV) with
# the pinned packages, each of the hash it is known by. EXTRA names what is installed beside digestbot itself, or nothing.
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
STAMP="$VENV/.installed-$EXTRA"
if [ ! -f "$STAMP" ] || [ pyproject.toml -nt "$STAMP" ] || [ deploy/constraints.txt -nt "$STAMP" ]; then
    echo "setting up $VENV (a minute at most) ..." >&2
    "$PYTHON" -m venv "$VENV"
    "$VENV/bin/python" deploy/pins.py build > "$VENV/pins.txt"
    # shellcheck disable=SC2086 - one word, or none
    "$VENV/bin/python" deploy/pins.py $EXTRA >> "$VENV/pins.txt"
    "$VENV/bin/python" -m pip install --quiet --disable-pip-version-check --require-hashes --requirement "$VENV/pins.txt"
    # A folder has no hash: this step fetches nothing.
    "$VENV/bin/python" -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --no-index \
        --editable .
    touch "$STAMP"
fi
