#!/usr/bin/env bash
# Asks a gate of a ledger that is another repository: one line in the pipeline of an application.
#
# The answer is the exit code: 0 open, 1 blocked, 2 could not look, 3 undecided. Nothing is written anywhere.
set -euo pipefail

# A verdict rests on no file that an earlier run left behind.
export OPSLEDGER_CACHE=off

ledger=${OPSLEDGER_LEDGER:?name the address of the ledger}
server=${OPSLEDGER_SERVER:?}     # https://github.com
subject=${OPSLEDGER_SUBJECT:?name the record that is to pass, such as REL-2026-0042}
gate=${OPSLEDGER_GATE:-promote}
token=${OPSLEDGER_TOKEN:-}
user=${OPSLEDGER_USER:-x-access-token}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

must_be() { # text, pattern, what it is
  [[ "$1" =~ ^$2$ ]] || { printf 'opsledger: %s is not one: %q\n' "$3" "${1:0:80}" >&2 && exit 2; }
}

must_be "$gate" '[A-Za-z0-9][A-Za-z0-9.-]*' "the gate"
must_be "$subject" '[A-Z]{2,5}-[0-9A-Za-z._-]+' "the record"
options=()
if [ -n "${OPSLEDGER_ENVIRONMENT:-}" ]; then options+=(--env "$OPSLEDGER_ENVIRONMENT"); fi
if [ -n "${OPSLEDGER_GROUP:-}" ]; then options+=(--group "$OPSLEDGER_GROUP"); fi

# The token goes to git by its environment: it stands in no file and in no list of processes.
if [ -n "$token" ]; then
  export GIT_CONFIG_COUNT=1 GIT_CONFIG_KEY_0="http.$server/.extraheader"
  GIT_CONFIG_VALUE_0="Authorization: Basic $(printf '%s:%s' "$user" "$token" | base64 | tr -d '\n')"
  export GIT_CONFIG_VALUE_0
fi

# The version is the one that the ledger pins: another one must not judge.
if [ -n "${OPSLEDGER_PROGRAM:-}" ]; then
  program=$OPSLEDGER_PROGRAM
else
  version=${OPSLEDGER_VERSION:-}
  if [ -z "$version" ]; then
    git -c credential.helper= clone --quiet --depth 1 --no-tags --filter=blob:none --no-checkout -- "$ledger" "$work/pin" \
      || { echo "opsledger: undecided: the ledger cannot be reached; run it again" >&2 && exit 3; }
    version=$(git -C "$work/pin" -c credential.helper= show HEAD:.opsledger.yaml \
      | sed -nE 's/^tool:[[:space:]]*["'\'']?([0-9][0-9A-Za-z.+]*)["'\'']?[[:space:]]*(#.*)?$/\1/p' | head -n 1)
  fi
  must_be "$version" '[0-9][0-9A-Za-z.+]*' "the version that the ledger pins"
  python3 -m venv "$work/tool"
  "$work/tool/bin/pip" install --quiet --disable-pip-version-check --only-binary :all: "opsledger==$version"
  program=$work/tool/bin/opsledger
fi

answer=0
"$program" gate "$gate" "$subject" --ledger "$ledger" "${options[@]}" --explain || answer=$?
if [ -n "${GITHUB_OUTPUT:-}" ]; then
  case $answer in
    0) outcome=open ;;
    1) outcome=blocked ;;
    3) outcome=undecided ;;
    *) outcome=failed ;;
  esac
  printf 'outcome=%s\nexit-code=%s\n' "$outcome" "$answer" >> "$GITHUB_OUTPUT"
fi
exit "$answer"
