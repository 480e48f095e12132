#!/usr/bin/env bash
# Makes a record of an issue, on a branch of its own, and opens a pull request for it.
#
# It is called in a clone of the default branch. The issue is read by opsledger from the event's file; of all that people
# wrote, nothing comes into a command here. Branch, message and pull request are made of the issue's number.
set -euo pipefail

number=${OPSLEDGER_NUMBER:?}
event=${GITHUB_EVENT_PATH:?}
api=${OPSLEDGER_API:?}
repository=${OPSLEDGER_REPOSITORY:?}
token=${OPSLEDGER_TOKEN:?}
base=${BRANCH:?}
directory=${OPSLEDGER_DIRECTORY:-.}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export OPSLEDGER_CACHE=off

[[ "$number" =~ ^[0-9]+$ ]] || { echo "opsledger: the issue has no number" >&2; exit 2; }

if [ -n "${OPSLEDGER_PROGRAM:-}" ]; then
  program=$OPSLEDGER_PROGRAM
else
  version=$(sed -nE 's/^tool:[[:space:]]*["'\'']?([0-9][0-9A-Za-z.+]*)["'\'']?[[:space:]]*(#.*)?$/\1/p' "$directory/.opsledger.yaml" | head -n 1)
  python3 -m venv "$work/tool"
  "$work/tool/bin/pip" install --quiet --disable-pip-version-check --only-binary :all: "opsledger==$version"
  program=$work/tool/bin/opsledger
fi

branch="opsledger/issue-$number"
git switch --quiet --create "$branch"
"$program" -C "$directory" new --issue "$event"
git add -- "$directory/records"
git -c user.name="opsledger" -c user.email="opsledger@users.noreply.invalid" commit --quiet --message "Record issue #$number"
git push --quiet --force-with-lease origin "HEAD:refs/heads/$branch"

(umask 077 && printf 'header = "Authorization: Bearer %s"\n' "$token" > "$work/header")
python3 -c '
import json, sys
number, branch, base = sys.argv[1:]
print(json.dumps({"title": f"Record issue #{number}", "head": branch, "base": base, "body": f"Closes #{number}."}))
' "$number" "$branch" "$base" > "$work/request.json"
curl --fail-with-body --silent --show-error --location --retry "${OPSLEDGER_RETRIES:-3}" --max-time 60 --config "$work/header" \
  --header 'Accept: application/vnd.github+json' --data "@$work/request.json" "$api/repos/$repository/pulls" > "$work/answer.json" || {
  # It is open already where the issue was labelled twice.
  grep -q 'already exists' "$work/answer.json" || { cat "$work/answer.json" >&2; exit 1; }
}
