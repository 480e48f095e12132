#!/usr/bin/env bash
# Writes down the reviews of the pull requests that a push brought onto the protected branch.
#
# It is called in a clone of that branch, after the merge, so a pull request from a fork has no part in it.
set -euo pipefail

forge=${OPSLEDGER_FORGE:?}       # github or forgejo
api=${OPSLEDGER_API:?}
repository=${OPSLEDGER_REPOSITORY:?}
token=${OPSLEDGER_TOKEN:?}
party=${OPSLEDGER_PARTY:?name the machine whose lane takes approvals, such as PTY-approvals-bot}
before=${OPSLEDGER_BEFORE:?}
after=${OPSLEDGER_AFTER:?}
directory=${OPSLEDGER_DIRECTORY:-.}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export OPSLEDGER_CACHE=off

if [ -n "${OPSLEDGER_PROGRAM:-}" ]; then
  program=$OPSLEDGER_PROGRAM
else
  version=$(sed -nE 's/^tool:[[:space:]]*["'\'']?([0-9][0-9A-Za-z.+]*)["'\'']?[[:space:]]*(#.*)?$/\1/p' "$directory/.opsledger.yaml" | head -n 1)
  python3 -m venv "$work/tool"
  "$work/tool/bin/pip" install --quiet --disable-pip-version-check --only-binary :all: "opsledger==$version"
  program=$work/tool/bin/opsledger
fi

word=Bearer
if [ "$forge" = forgejo ]; then word=token; fi
(umask 077 && printf 'header = "Authorization: %s %s"\n' "$word" "$token" > "$work/header")

range=$after
if ! [[ "$before" =~ ^0*$ ]]; then range="$before..$after"; fi
git rev-list --first-parent --reverse "$range" > "$work/commits"

# The numbers of the pull requests behind a commit. GitHub names several, Forgejo one or none.
numbers() { # commit
  local address="commits/$1/pulls" status
  if [ "$forge" = forgejo ]; then address="commits/$1/pull"; fi
  status=$(curl --silent --show-error --location --retry "${OPSLEDGER_RETRIES:-3}" --max-time 60 --config "$work/header" \
    --output "$work/pulls" --write-out '%{http_code}' "$api/repos/$repository/$address")
  # Forgejo says of a commit without a pull request that it is not there.
  if [ "$forge:$status" = forgejo:404 ]; then return; fi
  if [ "$status" != 200 ]; then
    echo "opsledger: undecided: the forge does not tell which pull request brought $1 ($status); run it again" >&2
    exit 3
  fi
  python3 -c '
import json, sys
found = json.load(open(sys.argv[1], encoding="utf-8"))
for one in found if isinstance(found, list) else [found]:
    number = one.get("number")
    if isinstance(number, int) and (one.get("merged_at") or one.get("merged")):
        print(number)
' "$work/pulls"
}

: > "$work/numbers"
while read -r commit; do
  numbers "$commit" >> "$work/numbers"
done < "$work/commits"

answer=0
while read -r number; do
  "$program" -C "$directory" approvals import --live --pull-request "$number" --push --by "$party" || answer=$?
done < <(sort -un "$work/numbers")
exit "$answer"
