#!/bin/sh
# Looks up all pinned packages among the known vulnerabilities (osv.dev), in one request that takes half a minute at
# most. Ends with 1 for a vulnerability. Where nobody answers it says so, and ends with 0: no build fails for want of
# a network. AUDIT_URL is another service that speaks OSV's querybatch.
cd "$(dirname "$0")/.." || exit 1
PYTHON=$(command -v "${VENV:-.venv}/bin/python" || command -v python3 || echo python)
exec "$PYTHON" - "${AUDIT_URL:-https://api.osv.dev/v1/querybatch}" <<'PYTHON'
import json
import re
import signal
import sys
import urllib.request

with open("deploy/constraints.txt", encoding="utf-8") as file:
    pins = re.findall(r"^([\w.-]+)==([^\s;]+)", file.read(), re.M)
queries = [{"package": {"name": name, "ecosystem": "PyPI"}, "version": version} for name, version in pins]


def late(*_):
    raise TimeoutError("no answer in 30 seconds")


signal.signal(signal.SIGALRM, late)
signal.alarm(30)  # for all of it: a socket's timeout is for each piece
try:
    body = json.dumps({"queries": queries}).encode()
    request = urllib.request.Request(sys.argv[1], body, {"Content-Type": "application/json"})
    with urllib.request.urlopen(request, timeout=15) as answer:
        found = [[one["id"] for one in each.get("vulns", ())] for each in json.load(answer)["results"]]
    if len(found) != len(pins):
        raise ValueError(f"{len(found)} answers to {len(pins)} questions")
except (OSError, ValueError, LookupError, TypeError, AttributeError) as error:
    print(f"audit: NOT DONE, the list of vulnerabilities was not to be had: {error}")
    sys.exit(0)
finally:
    signal.alarm(0)
for (name, version), ids in zip(pins, found):
    for each in ids:
        print(f"audit: {name} {version}: https://osv.dev/vulnerability/{each}")
print(f"audit: {sum(map(len, found))} known vulnerabilities in {len(pins)} packages")
sys.exit(1 if any(found) else 0)
PYTHON
