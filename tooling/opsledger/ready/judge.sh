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

undecided() {
  printf 'opsledger: undecided: %s; run it again\n' "$1" >&2
  exit 3
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

ask() { # address, more options of curl; what the forge answers goes to the output
  local name=Authorization value="Bearer $token" address=$1
  shift
  if [ "$forge" = gitlab ]; then name=PRIVATE-TOKEN value=$token; fi
  if [ "$forge" = forgejo ]; then value="token $token"; fi
  # The header comes through a file that only this user reads, and not through the list of processes.
  (umask 077 && printf 'header = "%s: %s"\n' "$name" "$value" > "$work/header")
  curl --fail --silent --show-error --location --retry "${OPSLEDGER_RETRIES:-3}" --max-time 60 --config "$work/header" "$@" "$api/$address"
}

# All pages, to the empty one: what ends with a full page might not be all. What fails here ends the whole: `set -e` does
# not hold in a function whose answer is asked for, so each step says so itself.
pages() { # address, entries on a page
  local page=1
  while [ "$page" -le 100 ]; do
    ask "$1?per_page=$2&limit=$2&page=$page" > "$work/page" || return 1
    cat "$work/page"
    case $(tr -d '[:space:]' < "$work/page") in
      "[]") return 0 ;;
      "["*) ;;
      *) return 1 ;; # words that are no list say nothing of what there is
    esac
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
  answers > "$work/reviews.json" || undecided "the forge does not tell of the reviews, so nobody knows who approved"
  counted=(--reviews "$work/reviews.json")
}

# The forge keeps what was reviewed under a name of its own, also where the merge made other commits of it.
reviewed() {
  local name="refs/pull/$number/head"
  if [ "$forge" = gitlab ]; then name="refs/merge-requests/$number/head"; fi
  fetch "+$name:refs/opsledger/head"
}

from_pull_request() {
  must_be "$number" '[0-9]+' "the number of the pull request"
  base=$(git rev-parse HEAD)
  reviewed
  head=$(git rev-parse refs/opsledger/head)
  reviews
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

# A merge commit holds what was reviewed, and others need not: without it a review is undecided, and never counts.
reviews_of_merged() {
  reviewed || printf 'opsledger: note: the forge does not give the commits of pull request %s\n' "$number" >&2
  reviews
}

# A merge group is one pull request on top of those before it, and its branch names it.
from_group() {
  from_commits
  local branch=${OPSLEDGER_BRANCH:-}
  if [[ "$branch" =~ /pr-([0-9]+)- ]]; then
    number=${BASH_REMATCH[1]}
    reviews_of_merged
  fi
}

# What the forge says of where a commit came from: a list of all pull requests that have to do with it at GitHub and
# GitLab, and the one that it merged at Forgejo, which says 404 where there is none. That a forge does not answer is not
# that there is none.
origins() { # commit
  local status
  case $forge in
    github) pages "repos/$repository/commits/$1/pulls" 100 ;;
    gitlab) pages "projects/${OPSLEDGER_PROJECT:?}/repository/commits/$1/merge_requests" 100 ;;
    *)
      status=$(ask "repos/$repository/commits/$1/pull" --output "$work/page" --write-out '%{http_code}' 2> "$work/said") \
        || [ "$status" = 404 ] || { cat "$work/said" >&2 && return 1; }
      if [ "$status" = 404 ]; then echo "[]"; else cat "$work/page"; fi
      ;;
  esac
}

# The numbers of the pull requests whose merge into the branch made the commit. Of a merge that only moved the branch
# forward GitLab names no commit, so it is the newest of the merge request.
numbers() { # file with what the forge says, commit, branch
  python3 -c '
import json, sys
path, forge, repository, commit, branch = sys.argv[1:]

def number(one):
    if forge == "gitlab":
        made = one["merge_commit_sha"] or one["squash_commit_sha"] or one["sha"]
        return one["iid"] if (one["state"], made, one["target_branch"]) == ("merged", commit, branch) else None
    base = one["base"]
    home = (base.get("repo") or {}).get("full_name") or repository
    made = one.get("merge_commit_sha") or one.get("merged_commit_id")
    is_merged = one["merged_at"] if forge == "github" else one["merged"]
    is_here = (made, base["ref"], home.lower()) == (commit, branch, repository.lower())
    return one["number"] if is_merged and is_here else None

found = set()
try:
    text = open(path, encoding="utf-8").read().strip()
    if not text:
        raise ValueError("it says nothing")
    while text:
        page, end = json.JSONDecoder().raw_decode(text)
        text = text[end:].lstrip()
        found.update(number(one) for one in (page if isinstance(page, list) else [page]))
    print(*sorted(int(one) for one in found - {None}))
except (AttributeError, KeyError, TypeError, ValueError) as problem:
    sys.exit(f"opsledger: what the forge says of commit {commit} is not as documented: {problem!r}")
' "$1" "$forge" "$repository" "$2" "$3"
}

# What came by a pull request was approved there, and counts before anybody has written it down. A commit that nobody
# merged was pushed directly: nobody approved it.
from_push() {
  from_commits
  if [ -z "$base" ]; then return; fi
  local branch
  branch=$(git symbolic-ref --quiet --short HEAD) || stop "the clone is on no branch: clone the one that was pushed to"
  if ! origins "$head" > "$work/origins" || ! number=$(numbers "$work/origins" "$head" "$branch"); then
    undecided "the forge does not tell which pull request brought commit $head, so nobody knows who approved"
  fi
  if [ -z "$number" ]; then return; fi
  [[ "$number" =~ ^[0-9]+$ ]] || undecided "pull requests $number all say that they brought commit $head"
  reviews_of_merged
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
  push) from_push ;;
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
