#!/bin/sh
# Sets digestbot up in .venv and shows its main job on the sample dumps: no accounts, no network.
EXTRA=
. "$(dirname "$0")/setup.sh"
exec "$VENV/bin/digestbot" demo "$@"
