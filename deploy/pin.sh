#!/bin/sh
# Writes deploy/constraints.txt anew: each package at the version it is pinned to, of every file of that version its hash,
# for all systems and each Python that is supported, and by whom it is wanted. --upgrade: at the newest versions.
#   sh deploy/pin.sh [--upgrade]
set -eu
cd "$(dirname "$0")/.."
ROOM=$(mktemp -d)
trap 'rm -rf "$ROOM"' EXIT
"${PYTHON:-python3}" -m venv "$ROOM/uv"
"$ROOM/uv/bin/pip" install --quiet --disable-pip-version-check uv
"${PYTHON:-python3}" - > "$ROOM/build.in" <<'PYTHON'
import tomllib

with open("pyproject.toml", "rb") as file:
    print(*tomllib.load(file)["build-system"]["requires"], sep="\n")
PYTHON
[ "${1:-}" = --upgrade ] || grep -o '^[A-Za-z0-9._-]*==[^ ;\\]*' deploy/constraints.txt > "$ROOM/kept.txt"
cat > "$ROOM/made.txt" <<'HEAD'
# What the scripts, the container and CI install: tried together, and each file known by its hash.
# Made by: sh deploy/pin.sh. Part of it, for some extras: python deploy/pins.py EXTRA...
HEAD
# 3.11.5: what tools of `dev` need; the bot itself runs from 3.11.0 on.
touch "$ROOM/kept.txt"
"$ROOM/uv/bin/uv" --no-config pip compile --quiet --universal --python-version 3.11.5 --generate-hashes --no-header \
    --annotation-style line --constraints "$ROOM/kept.txt" --extra dev pyproject.toml "$ROOM/build.in" |
    sed "s|, -c $ROOM/kept.txt||; s|-c $ROOM/kept.txt, ||; s|-r $ROOM/build.in|build|" >> "$ROOM/made.txt"
mv "$ROOM/made.txt" deploy/constraints.txt
