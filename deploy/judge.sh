#!/bin/sh
# The e-mail judged by tools nobody here wrote: the W3C's validator and caniemail (npm), SpamAssassin (Debian).
# A tool that is not there is named and left out. JUDGES is where npm puts its two.
#   apt-get install spamassassin default-jre-headless npm
set -eu
cd "$(dirname "$0")/.."
JUDGES=${JUDGES:-${TMPDIR:-/tmp}/digestbot-judges}
OUT=$JUDGES/out
mkdir -p "$OUT"
"${VENV:-.venv}/bin/python" -m tests.rendering.judged "$OUT"
failed=0

if command -v npm >/dev/null && command -v java >/dev/null; then
    [ -d "$JUDGES/node_modules/vnu-jar" ] || (cd "$JUDGES" && npm install --silent vnu-jar caniemail)
    echo "== validator (mso-hide is for Outlook, the other name for older Apple Mail)"
    java -jar "$JUDGES/node_modules/vnu-jar/build/dist/vnu.jar" --errors-only --format gnu \
        --filterpattern '.*(mso-hide|supported-color-schemes).*' "$OUT"/*.html || failed=1
    echo "== can I use in e-mail: what is not supported by the great four"
    cat > "$JUDGES/caniemail.mjs" <<'JS'
import { caniemail } from "caniemail";
import { readFileSync } from "node:fs";
for (const file of process.argv.slice(2)) {
  const found = caniemail({ clients: ["gmail.*", "apple-mail.*", "outlook.*", "yahoo.*"], html: readFileSync(file, "utf8") });
  const named = new Map();
  for (const [client, issues] of found.issues.errors)
    for (const each of issues) named.set(each.title, [...(named.get(each.title) ?? []), client]);
  console.log(file.split("/").pop(), named.size, "features somebody does not know");
  for (const [title, clients] of named) console.log("  ", title, "-", [...new Set(clients)].join(", "));
}
JS
    (cd "$JUDGES" && node caniemail.mjs out/eleven.html) || failed=1
else
    echo "left out: validator and caniemail, for want of npm or java" >&2
fi

if command -v spamassassin >/dev/null; then
    echo "== SpamAssassin, offline rules"
    for mail in "$OUT"/*.eml; do
        printf '%s ' "$(basename "$mail")"
        spamassassin -L -t <"$mail" 2>/dev/null | grep -m 1 '^Content analysis' || failed=1
    done
else
    echo "left out: SpamAssassin; apt-get install spamassassin" >&2
fi
exit $failed
