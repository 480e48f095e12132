#!/usr/bin/env bash
# Judges a pull request, a merge group or a push by the base branch.
#
# It is called in a clone that holds the base branch and nothing else. What a pull request brings is fetched as git
# objects and never checked out, so nothing of it runs here. All that others wrote comes in through variables and files,
# never as text of a command.
set -euo pipefail

# What the action or job that calls this has to say.
event=${OPSLEDGER_EVENT:?}       # pull_request, pull_request_review, merge_group or push
forge=${OPSLEDGER_FORGE:?}       # github, forgejo or gitlab
server=${OPSLEDGER_SERVER:?}     # https://github.com
api=${OPSLEDGER_API:?}           # https://api.github.com
repository=${OPSLEDGER_REPOSITORY:?}
token=${OPSLEDGER_TOKEN:-}
number=${OPSLEDGER_NUMBER:-}     # of the pull request
before=${OPSLEDGER_BEFORE:-}     # of a push or a merge group: the commit that was there
after=${OPSLEDGER_AFTER:-}       # of a push or a merge group: the commit that came
directory=${OPSLEDGER_DIRECTORY:-.}
form=${OPSLEDGER_FORM:-github}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# A verdict rests on no file that an earlier run left behind.
export OPSLEDGER_CACHE=off

stop() {
  printf 'opsledger: %s\n' "$1" >&2
  exit 2
}

must_be() { # text, pattern, what it is
  [[ "$1" =~ ^$2$ ]] || stop "$3 is not one: $(printf '%q' "${1:0:80}")"
}

# The version comes from the base, where a pull request cannot change it.
install() {
  if [ -n "${OPSLEDGER_PROGRAM:-}" ]; then
    program=$OPSLEDGER_PROGRAM
    return
  fi
  local version
  version=$(sed -nE 's/^tool:[[:space:]]*["'\'']?([0-9][0-9A-Za-z.+]*)["'\'']?[[:space:]]*(#.*)?$/\1/p' "$directory/.opsledger.yaml" | head -n 1)
  [ -n "$version" ] || stop "the base's .opsledger.yaml pins no version of the tool: write one behind 'tool:'"
  python3 -m venv "$work/tool"
  "$work/tool/bin/pip" install --quiet --disable-pip-version-check --only-binary :all: "opsledger==$version"
  program=$work/tool/bin/opsledger
}

# The token goes to git by its environment: it stands in no file and in no list of processes.
fetch() {
  local header=()
  # At GitLab the clone's address carries the job's own token.
  if [ -n "$token" ] && [ "$forge" != gitlab ]; then
    header=(
      GIT_CONFIG_COUNT=1 "GIT_CONFIG_KEY_0=http.$server/.extraheader"
      "GIT_CONFIG_VALUE_0=Authorization: Basic $(printf 'x-access-token:%s' "$token" | base64 | tr -d '\n')"
    )
  fi
  env "${header[@]}" git -c credential.helper= fetch --quiet --no-tags --no-recurse-submodules origin "$@"
}

ask() { # address; what the forge answers goes to the output
  local name=Authorization value="Bearer $token"
  if [ "$forge" = gitlab ]; then name=PRIVATE-TOKEN value=$token; fi
  if [ "$forge" = forgejo ]; then value="token $token"; fi
  # The header comes through a file that only this user reads, and not through the list of processes.
  (umask 077 && printf 'header = "%s: %s"\n' "$name" "$value" > "$work/header")
  curl --fail --silent --show-error --location --retry "${OPSLEDGER_RETRIES:-3}" --max-time 60 --config "$work/header" "$api/$1"
}

# All pages, to the empty one: what ends with a full page might not be all. What fails here ends the whole: `set -e` does
# not hold in a function whose answer is asked for, so each step says so itself.
pages() { # address, entries on a page
  local page=1
  while [ "$page" -le 100 ]; do
    ask "$1?per_page=$2&limit=$2&page=$page" > "$work/page" || return 1
    cat "$work/page"
    if [ "$(tr -d '[:space:]' < "$work/page")" = "[]" ]; then return 0; fi
    page=$((page + 1))
  done
  return 1
}

answers() {
  local at
  if [ "$forge" = gitlab ]; then
    at="projects/${OPSLEDGER_PROJECT:?}/merge_requests/$number"
    ask "$at" && ask "$at/approvals" && ask "$at/approval_state" && ask "$at/versions" && pages "$at/notes" 100
  else
    ask "repos/$repository/pulls/$number" && pages "repos/$repository/pulls/$number/reviews" 50
  fi
}

reviews() {
  if ! answers > "$work/reviews.json"; then
    echo "opsledger: undecided: the forge does not tell of the reviews, so nobody knows who approved; run it again" >&2
    exit 3
  fi
}

from_pull_request() {
  must_be "$number" '[0-9]+' "the number of the pull request"
  base=$(git rev-parse HEAD)
  local name="refs/pull/$number/head"
  if [ "$forge" = gitlab ]; then name="refs/merge-requests/$number/head"; fi
  fetch "+$name:refs/opsledger/head"
  head=$(git rev-parse refs/opsledger/head)
  reviews
  counted=(--reviews "$work/reviews.json")
}

from_commits() {
  must_be "$after" '[0-9a-f]{40,64}' "the commit that came"
  [[ "$before" =~ ^0*$ ]] || must_be "$before" '[0-9a-f]{40,64}' "the commit that was there"
  git cat-file -e "$after^{commit}" 2> /dev/null || fetch "$after"
  head=$after
  base=$before
  if [[ "$before" =~ ^0*$ ]]; then base=""; return; fi
  git cat-file -e "$before^{commit}" 2> /dev/null || fetch "$before"
}

# A merge group is one pull request on top of those before it, and its branch names it.
from_group() {
  from_commits
  local branch=${OPSLEDGER_BRANCH:-}
  if [[ "$branch" =~ /pr-([0-9]+)- ]]; then
    number=${BASH_REMATCH[1]}
    reviews
    counted=(--reviews "$work/reviews.json")
  fi
}

judge() {
  local answer=0
  "$program" -C "$directory" check --at "$head" ${base:+--base "$base"} "${counted[@]}" --format "$form" || answer=$?
  return "$answer"
}

report() {
  if [ -z "$base" ]; then return; fi
  "$program" -C "$directory" report --at "$head" --base "$base" "${counted[@]}" --format markdown || true
}

base="" head="" program="" counted=()
install
case $event in
  pull_request | pull_request_review) from_pull_request ;;
  merge_group) from_group ;;
  push) from_commits ;;
  *) stop "nothing is judged on the event $(printf '%q' "$event")" ;;
esac

if [ -n "${OPSLEDGER_REPORT:-}" ]; then report > "$OPSLEDGER_REPORT"; fi
answer=0
judge || answer=$?
if [ -n "${GITHUB_OUTPUT:-}" ]; then
  case $answer in 0) outcome=open ;; 1) outcome=blocked ;; 3) outcome=undecided ;; *) outcome=failed ;; esac
  printf 'exit-code=%s\noutcome=%s\n' "$answer" "$outcome" >> "$GITHUB_OUTPUT"
fi
if [ -n "${GITHUB_STEP_SUMMARY:-}" ] && [ -n "${OPSLEDGER_REPORT:-}" ]; then
  cat "$OPSLEDGER_REPORT" >> "$GITHUB_STEP_SUMMARY"
fi
exit "$answer"
