#!/bin/sh
# Looks up the pinned packages among the known vulnerabilities, with pip-audit in an environment of its own.
# Fails for a vulnerability. Where the list cannot be reached, or knows a package not, it says so and does not fail.
set -eu
cd "$(dirname "$0")/.."
ASIDE=$(mktemp -d)
trap 'rm -rf "$ASIDE"' EXIT
if [ -z "${PIP_AUDIT:-}" ]; then
    if ! { python3 -m venv "$ASIDE/venv" && "$ASIDE/venv/bin/pip" install --quiet pip-audit; } 2>"$ASIDE/why"; then
        echo "audit: left out, pip-audit cannot be had here"
        exit 0
    fi
    PIP_AUDIT="$ASIDE/venv/bin/pip-audit"
fi
# It ends with 1 both for a vulnerability and for no network: what it wrote tells them apart.
"$PIP_AUDIT" --requirement deploy/constraints.txt --no-deps --disable-pip --progress-spinner off --format json \
    >"$ASIDE/found" 2>"$ASIDE/why" || true
python3 - "$ASIDE/found" <<'PYTHON'
import json
import sys

try:
    with open(sys.argv[1], encoding="utf-8") as file:
        packages = json.load(file)["dependencies"]
except (ValueError, KeyError):
    print("audit: left out, the list of vulnerabilities cannot be reached")
    sys.exit(0)
unknown = sum("skip_reason" in each for each in packages)
if unknown:
    print(f"audit: {unknown} of {len(packages)} packages could not be looked up")
bad = [(each, one) for each in packages for one in each.get("vulns", ())]
for each, one in bad:
    print(f"audit: {each['name']} {each['version']}: {one['id']}, mended in {', '.join(one['fix_versions']) or 'none yet'}")
print(f"audit: {len(bad)} known vulnerabilities in {len(packages) - unknown} packages")
sys.exit(1 if bad else 0)
PYTHON
