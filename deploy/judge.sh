#!/bin/sh
# What arrives judged by tools nobody here wrote. E-mail: the W3C's validator and caniemail (npm), SpamAssassin
# (Debian). Chats: Microsoft's library for cards and Discord's API specification (npm), in tests/rendering.
# Fails for an error of the validator, a feature that no reason below excuses, or a spam rule that scores.
# A tool that is not there is named and left out. JUDGES is where npm puts its two.
#   apt-get install spamassassin default-jre-headless npm
set -eu
cd "$(dirname "$0")/.."
JUDGES=${JUDGES:-${TMPDIR:-/tmp}/digestbot-judges}
OUT=$JUDGES/out
rm -rf "$OUT"
mkdir -p "$OUT"
"${VENV:-.venv}/bin/python" -m tests.rendering.judged "$OUT"
failed=0

if command -v npm >/dev/null && command -v java >/dev/null; then
    [ -d "$JUDGES/node_modules/zod" ] ||
        (cd "$JUDGES" && npm install --silent vnu-jar caniemail adaptivecards discord-api-spec zod@4)
    echo "== validator (mso-hide is for Outlook, the other name for older Apple Mail)"
    java -jar "$JUDGES/node_modules/vnu-jar/build/dist/vnu.jar" --errors-only --format gnu \
        --filterpattern '.*(mso-hide|supported-color-schemes).*' "$OUT"/*.html && echo "no error" || failed=1
    echo "== can I use in e-mail: what is not supported by the great four"
    cat > "$JUDGES/caniemail.mjs" <<'JS'
import { caniemail } from "caniemail";
import { readFileSync } from "node:fs";
// What somebody does not know, and why a digest is whole without it.
const excused = new Map([
  ["<style> element", "it holds the dark colours and the phone's margins; without them the page is light, its margins wide"],
  ["Type selector", "as <style>: the dark colour of <mark>, whose light one is inline"],
  ["@media", "as <style>"],
  ["<body> element", "only its ground: the outermost table has the same"],
  ["display:none", "the preheader: where it is not known, no height and hidden overflow hide it"],
  ["overflow", "as display:none, by which those hide it who do not know this"],
  ["height property", "max-height, as overflow"],
  ["transform", "text-transform is meant, which all know; who does not reads mixed case"],
  ["border-radius", "square corners"],
  ["table-layout", "very long words alone may widen the page there"],
  ["word-break", "as table-layout"],
  ["white-space", "a number may wrap"],
  ["aria-label attribute", "it names the list of contents for screen readers; who drops it reads the list all the same"],
  ["Local anchors", "the list of contents says what there is; who does not jump scrolls"],
  ["Class selector", "as <style>; where a rule unfolds the list of titles, who does not know it leaves it folded away"],
  ["Child combinator", "as Class selector"],
  ["Attribute selector", "as Class selector"],
  ["Descendant combinator", "as Class selector"],
  ["text-overflow", "a title in the list of titles ends without dots"],
  ["role attribute", "for screen readers; who drops it announces a table"],
  ["aria-hidden attribute", "as role: the bars hold nothing but a blank"],
]);
let strangers = 0;
for (const file of process.argv.slice(2)) {
  const found = caniemail({ clients: ["gmail.*", "apple-mail.*", "outlook.*", "yahoo.*"], html: readFileSync(file, "utf8") });
  const named = new Map();
  for (const [client, issues] of found.issues.errors)
    for (const each of issues) named.set(each.title, [...(named.get(each.title) ?? []), client]);
  const own = [...named].filter(([title]) => !excused.has(title));
  strangers += own.length;
  console.log(file.split("/").pop(), named.size, "features somebody does not know,", own.length, "without an excuse");
  for (const [title, clients] of own) console.log("  ", title, "-", [...new Set(clients)].join(", "));
}
process.exit(strangers ? 1 : 0);
JS
    (cd "$JUDGES" && node caniemail.mjs out/eleven-*.html out/none-default.html) || failed=1
    echo "== posts to Teams and Discord"
    JUDGES=$JUDGES "${VENV:-.venv}/bin/python" -m pytest -q -p no:xdist tests/rendering/test_vendors.py || failed=1
else
    echo "left out: validator, caniemail and the chats, for want of npm or java" >&2
fi

if command -v spamassassin >/dev/null; then
    echo "== SpamAssassin, offline rules: what scores more than nothing"
    for mail in "$OUT"/*.eml; do
        spamassassin -L -t <"$mail" 2>/dev/null >"$OUT/spam" || failed=1
        echo "$(basename "$mail") $(grep -m 1 '^Content analysis' "$OUT/spam")"
        sed -n '/^ pts rule/,$p' "$OUT/spam" | grep -E '^ *([1-9]|0\.[1-9])' && failed=1
    done
else
    echo "left out: SpamAssassin; apt-get install spamassassin" >&2
fi
exit $failed
