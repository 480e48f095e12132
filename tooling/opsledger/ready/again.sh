#!/usr/bin/env bash
# Judges the open pull requests again, for forges at which an approval starts no run.
#
# At Forgejo and Gitea it sets the status `opsledger` on the newest commit of each. At GitLab it starts a new pipeline for
# each merge request that somebody touched since its last one.
set -euo pipefail

forge=${OPSLEDGER_FORGE:?}       # forgejo or gitlab
api=${OPSLEDGER_API:?}
repository=${OPSLEDGER_REPOSITORY:?}
token=${OPSLEDGER_TOKEN:?}
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

name=Authorization value="token $token"
if [ "$forge" = gitlab ]; then name=PRIVATE-TOKEN value=$token; fi
(umask 077 && printf 'header = "%s: %s"\n' "$name" "$value" > "$work/header")

ask() { # address, more options of curl
  local address=$1
  shift
  curl --fail --silent --show-error --location --retry "${OPSLEDGER_RETRIES:-3}" --max-time 60 --config "$work/header" "$@" "$api/$address"
}

# Each pull request that is open and goes to the branch that is checked out: its number and its newest commit.
open_ones() { # address
  local page=1
  while [ "$page" -le 100 ]; do
    ask "$1&page=$page" > "$work/page"
    if [ "$(tr -d '[:space:]' < "$work/page")" = "[]" ]; then return; fi
    python3 -c '
import json, re, sys
for one in json.load(open(sys.argv[1], encoding="utf-8")):
    number = one.get("iid") or one["number"]
    commit = one.get("sha") or one["head"]["sha"]
    target = one.get("target_branch") or one["base"]["ref"]
    if isinstance(number, int) and re.fullmatch("[0-9a-f]{40,64}", commit) and target == sys.argv[2]:
        print(number, commit, one.get("updated_at", ""))
' "$work/page" "$(git symbolic-ref --short HEAD)"
    page=$((page + 1))
  done
}

status() { # commit, answer
  local state=error said="it could not be judged"
  case $2 in
    0) state=success said="nothing stands against it" ;;
    1) state=failure said="something stands against it" ;;
    3) state=pending said="something is undecided" ;;
  esac
  printf '{"context": "opsledger", "state": "%s", "description": "%s"}' "$state" "$said" > "$work/status"
  ask "repos/$repository/statuses/$1" --header 'Content-Type: application/json' --data "@$work/status" > "$work/answer"
}

judge_again() {
  local number commit rest answer
  while read -r number commit rest; do
    answer=0
    OPSLEDGER_EVENT=pull_request OPSLEDGER_NUMBER=$number OPSLEDGER_FORM=text bash "$here/judge.sh" || answer=$?
    status "$commit" "$answer"
  done < "$work/open"
}

# A merge request whose newest pipeline is older than its last change.
is_due() { # time of its last change
  python3 -c '
import json, sys
from datetime import datetime
moment = lambda text: datetime.fromisoformat(text.replace("Z", "+00:00"))
known = [one.get("created_at") for one in json.load(open(sys.argv[1], encoding="utf-8"))]
sys.exit(0 if not known or max(moment(one) for one in known if one) < moment(sys.argv[2]) else 1)
' "$work/pipelines" "$1"
}

start_again() {
  local number commit changed
  while read -r number commit changed; do
    ask "projects/$OPSLEDGER_PROJECT/merge_requests/$number/pipelines" > "$work/pipelines"
    if is_due "$changed"; then
      ask "projects/$OPSLEDGER_PROJECT/merge_requests/$number/pipelines" --request POST > "$work/answer"
    fi
  done < "$work/open"
}

if [ "$forge" = gitlab ]; then
  open_ones "projects/${OPSLEDGER_PROJECT:?}/merge_requests?state=opened&per_page=100" > "$work/open"
  start_again
else
  open_ones "repos/$repository/pulls?state=open&limit=50" > "$work/open"
  judge_again
fi
