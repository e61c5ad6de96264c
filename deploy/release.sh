#!/bin/sh
# Makes a release in dist/, checks it, and tries it from its files alone, on each Python that is here: without this
# checkout, in empty environments. Nothing is uploaded; the last lines say how. --try: without a changelog's entry, too.
EXTRA=dev
. "$(dirname "$0")/setup.sh"
VERSION=$("$VENV/bin/python" -c 'import digestbot; print(digestbot.__version__)')
if [ "${1:-}" != --try ]; then
    grep -Eq "^## $VERSION \([0-9]{4}-[0-9]{2}-[0-9]{2}\)$" deploy/CHANGELOG.md || {
        echo "deploy/CHANGELOG.md has no entry \"## $VERSION (YYYY-MM-DD)\": write it, or raise __version__" >&2
        exit 2
    }
    [ -z "$(git status --porcelain)" ] || { echo "there are changes that are not committed" >&2; exit 2; }
fi

rm -rf dist
"$VENV/bin/python" -m hatchling build -t sdist -t wheel
"$VENV/bin/python" -m pytest --quiet -p no:xdist tests/deploy/test_long_description.py
(cd dist && sha256sum ./*.whl ./*.tar.gz > SHA256SUMS)

TRIED=$(mktemp -d)
trap 'rm -rf "$TRIED"' EXIT
DIST=$PWD/dist
for each in python3.11 python3.12 python3.13 python3.14; do
    "$each" -c '' 2>/dev/null || { echo "$each is not here: not tried"; continue; }
    for file in "$DIST"/*.whl "$DIST"/*.tar.gz; do
        echo "== $each: ${file##*/}"
        rm -rf "$TRIED/env" "$TRIED/home"
        "$each" -m venv "$TRIED/env"
        "$TRIED/env/bin/python" deploy/pins.py build > "$TRIED/pins.txt"
        "$TRIED/env/bin/python" deploy/pins.py >> "$TRIED/pins.txt"
        "$TRIED/env/bin/pip" install --quiet --disable-pip-version-check --require-hashes --requirement "$TRIED/pins.txt"
        "$TRIED/env/bin/pip" install --quiet --disable-pip-version-check --no-deps --no-build-isolation --no-index "$file"
        "$TRIED/env/bin/pip" check
        (
            cd "$TRIED"
            unset PYTHONPATH DIGESTBOT_HOME
            [ "$(env/bin/digestbot --version)" = "digestbot, version $VERSION" ]
            env/bin/digestbot demo home/demo > demo.txt 2>&1 || { cat demo.txt; exit 1; }
            env/bin/digestbot init home/own --yes --interests "multilingual, glosses" > own.txt 2>&1 || { cat own.txt; exit 1; }
            grep -q "Your first digest" own.txt
            env/bin/digestbot --home home/own check
        )
    done
done
cat "$DIST/SHA256SUMS"
echo "To publish: git tag v$VERSION && git push --tags, then twine upload dist/*.whl dist/*.tar.gz"
