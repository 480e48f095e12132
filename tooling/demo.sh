#!/bin/sh
# What a newcomer sees in a minute: the sample ledger is asked some questions, then a release goes from its tag to
# closed in a ledger of its own under build/demo. Each line behind a `$` is a command that runs, and what follows is
# of its output.
#
#     sh tooling/demo.sh .venv/bin
#
# What does not show anything, making the scratch ledger and the pages of the site, is begun early and waited for.
set -eu

bin=$(cd "$1" && pwd)
here=$(cd "$(dirname "$0")/.." && pwd)
scratch=$here/build/demo
PATH=$bin:$PATH
OPSLEDGER_NOW=2026-11-20T12:00:00Z
# What somebody set for all their repositories must not change what is seen here: no commit is signed, no hook runs.
GIT_CONFIG_COUNT=3 GIT_CONFIG_KEY_0=commit.gpgsign GIT_CONFIG_VALUE_0=false GIT_CONFIG_KEY_1=tag.gpgsign
GIT_CONFIG_VALUE_1=false GIT_CONFIG_KEY_2=core.hooksPath GIT_CONFIG_VALUE_2=/dev/null
export PATH OPSLEDGER_NOW GIT_CONFIG_COUNT GIT_CONFIG_KEY_0 GIT_CONFIG_VALUE_0 GIT_CONFIG_KEY_1 GIT_CONFIG_VALUE_1
export GIT_CONFIG_KEY_2 GIT_CONFIG_VALUE_2
unset OPSLEDGER_PARTY GIT_DIR GIT_WORK_TREE GITHUB_ACTIONS GITLAB_CI || true
strong='' plain=''
if [ -t 1 ] && [ -z "${NO_COLOR:-}" ]; then strong=$(printf '\033[1m') plain=$(printf '\033[0m'); fi
commands=0 facts=0 commit=none

say() { # what comes now
  printf '\n%s%s%s\n' "$strong" "$1" "$plain"
}

wrapped() { # each line folded, and what is folded set in
  while IFS= read -r line; do
    printf '%s\n' "$line" | fold -s -w 112 | sed -e 's/ *$//' -e '1s/^/  /' -e '2,$s/^/      /'
  done
}

# shellcheck disable=SC2016 # it is shown, not expanded
words() { # a command as somebody would type it
  printf '%s$ opsledger' "$1"
  shift
  for word in "$@"; do
    case $word in
      "$scratch"/*) printf ' ../%s' "${word#"$scratch"/}" ;;
      "$commit") printf ' "$(git rev-parse v4.2.1)"' ;;
      *[!A-Za-z0-9_./=:-]*) printf " '%s'" "$word" ;;
      *) printf ' %s' "$word" ;;
    esac
  done
}

typed() { # who types it, and the command, folded as a shell takes it
  words "$@" | fold -s -w 110 | sed -e '$!s/ *$/ \\/' -e '2,$s/^/      /' -e "s/^/$strong/" -e "s/\$/$plain/"
  echo
}

seen() { # how it ends, which lines are shown, and the command
  ending=$1 lines=$2 code=0
  shift 2
  opsledger "$@" >"$scratch/screen" 2>&1 || code=$?
  if [ "$code" != "$ending" ] || ! grep -E "$lines" "$scratch/screen" >"$scratch/shown"; then
    cat "$scratch/screen"
    echo "it ended with $code; $ending and a line with $lines were expected" >&2
    exit 1
  fi
  wrapped <"$scratch/shown"
}

run() { # who types it, how it ends, which lines are shown, and the command
  who=$1 ending=$2 lines=$3
  shift 3
  typed "$who" "$@"
  seen "$ending" "$lines" "$@"
}

ada() { # what a person types, counted
  commands=$((commands + 1))
  for word in "$@"; do case $word in --set | --range) facts=$((facts + 1)) ;; esac; done
  run 'ada ' 0 "$@"
}

person() { # a clone of somebody's own
  git clone -q "$scratch/server.git" "$scratch/$1" 2>/dev/null
  git -C "$scratch/$1" config user.name "$1"
  git -C "$scratch/$1" config user.email "$1@pay.example"
}

record() { # a record of the scratch ledger, from standard input
  mkdir -p "$(dirname "records/$1")"
  cat >"records/$1"
}

set_up() { # two people, two machines, one service, and the place where it runs
  git init -q --bare -b main "$scratch/server.git"
  person ada
  cd "$scratch/ada"
  opsledger init --me 'Ada <ada@pay.example>' >/dev/null
  echo 'repository: git.pay.example/pay/payments' >>.opsledger.yaml
  opsledger set PTY-ada identities.accounts.0.forge=git.pay.example identities.accounts.0.login=ada >/dev/null
  record parties/PTY-grace.yaml <<-END
	{id: PTY-grace, name: Grace, type: person, state: active, roles: [{role: ROL-approver}],
	 identities: {emails: [grace@pay.example], accounts: [{forge: git.pay.example, login: grace}]}}
	END
  for machine in pipeline bot; do
    record parties/PTY-$machine.yaml <<-END
	{id: PTY-$machine, name: The $machine, type: machine, state: active, identities: {emails: [$machine@pay.example]}}
	END
  done
  printf 'parties: [PTY-pipeline]\n' >>records/lanes/LAN-pipeline.yaml
  printf 'parties: [PTY-bot]\n' >>records/lanes/LAN-approvals.yaml
  record environments/ENV-production.yaml <<-END
	{id: ENV-production, title: Production, state: active, purpose: production, production: true, manager: PTY-ada,
	 ladder: {position: 1}}
	END
  record cis/CI-payments.yaml <<-END
	id: CI-payments
	title: Payments
	class: service
	state: live
	owner: PTY-ada
	criticality: high
	version: 4.2.0
	paths: [services/payments/]
	environments: [ENV-production]
	END
  mkdir -p services/payments
  echo 'charge(card)' >services/payments/charge.py
  git add --all && git commit -qm 'Start the ledger' && git tag v4.2.0
  echo 'charge(card, key)' >services/payments/charge.py
  git commit -qam 'Send a key with each charge (#12)' && git tag v4.2.1
  git push -q origin main v4.2.0 v4.2.1
  for somebody in pipeline bot forge; do person $somebody; done
  git -C "$scratch/pipeline" archive -o "$scratch/payments-4.2.1.tar" v4.2.1 services/payments
  cat >"$scratch/junit.xml" <<-END
	<testsuite name="payments" timestamp="2026-11-20T11:00:00Z">
	<testcase name="test_card_is_charged_once" time="0.5"/>
	</testsuite>
	END
  cat >"$scratch/sbom.json" <<-END
	{"bomFormat": "CycloneDX", "specVersion": "1.6", "metadata": {"timestamp": "2026-11-20T11:00:00Z"},
	 "components": [{"type": "library", "name": "requests", "purl": "pkg:pypi/requests@2.32.3"}]}
	END
}

pull() { # what the forge tells of the pull request: its state, and the commit of its merge
  head=$(git -C "$scratch/forge" rev-parse origin/propose/REL-2026-0001)
  cat <<-END
	{"pull_request": {"id": 7, "number": 7, "html_url": "https://git.pay.example/pay/payments/pulls/7", "title": "4.2.1",
	  "user": {"id": 1, "login": "ada"}, "head": {"ref": "propose/REL-2026-0001", "sha": "$head"},
	  "base": {"ref": "main", "sha": "$base"}, "merge_base": "$base", "state": "closed", "merged": true,
	  "merged_at": "2026-11-20T12:00:00Z", "merge_commit_sha": "$(git -C "$scratch/forge" rev-parse HEAD)"},
	 "reviews": [{"id": 61, "user": {"id": 2, "login": "grace"}, "state": "APPROVED", "body": "", "commit_id": "$head",
	  "stale": false, "official": true, "dismissed": false, "submitted_at": "2026-11-20T12:00:00Z",
	  "pull_request_url": "https://git.pay.example/pay/payments/pulls/7"}]}
	END
}

merge() { # the forge merges a proposal
  cd "$scratch/forge"
  git pull -q && base=$(git rev-parse HEAD)
  git merge -q --no-ff -m "Merge $1" "origin/propose/$1" && git push -q origin main
}

cd "$here"
rm -rf "$scratch" && mkdir -p "$scratch"
set_up >"$scratch/set-up.log" 2>&1 &
setting_up=$!

say '1. A year of a small payments company, invented. Does every record hold?'
run '' 0 '^Judged' check

say '2. May they go to production? One may not; one may, for somebody answers for it; and next week nobody may'
run '' 1 'promote is|FLT751|^ +fix: defer' gate promote REL-2026-0019 --env ENV-prod-eu --base HEAD
run '' 0 'promote is|FLT751' gate promote REL-2026-0020 --env ENV-prod-eu --base HEAD
run '' 1 'promote is|CAL902' gate promote REL-2026-0020 --env ENV-prod-eu --base HEAD --as-of 2026-11-24T12:00:00Z

say '3. When may the ledger of accounts be worked on?'
run '' 1 . calendar next --env ENV-prod-eu --ci CI-ledger

wait "$setting_up" || { cat "$scratch/set-up.log"; exit 1; }
opsledger site build >"$scratch/site" 2>&1 &
building=$!

say '4. The everyday release, in a new ledger of preset small: payments 4.2.1 is tagged, and the pipeline tests it'
cd "$scratch/pipeline"
commit=$(git rev-parse v4.2.1)
run 'pipeline ' 0 '^pushed' import junit "$scratch/junit.xml" --package "$scratch/payments-4.2.1.tar" --ci CI-payments \
  --version 4.2.1 --commit "$commit" --by PTY-pipeline --push
run 'pipeline ' 0 '^pushed' import cyclonedx "$scratch/sbom.json" --baseline --package "$scratch/payments-4.2.1.tar" \
  --ci CI-payments --version 4.2.1 --commit "$commit" --by PTY-pipeline --push
cd "$scratch/ada" && git pull -q
ada 'derived' new release --range v4.2.0..v4.2.1
ada '^proposed|waits for' propose REL-2026-0001
say '   Grace approves the pull request with one click, and it is merged'
merge REL-2026-0001
pull >"$scratch/merged.json"
cd "$scratch/bot" && git pull -q
run 'bot ' 0 '^pushed' approvals import "$scratch/merged.json" --push --by PTY-bot
cd "$scratch/pipeline" && git pull -q
run 'pipeline ' 0 'promote is|^started' deploy start REL-2026-0001 --env ENV-production --run ci/77 --by PTY-pipeline
run 'pipeline ' 0 'is succeeded' deploy finish --verify smoke=passed --by PTY-pipeline
say '   Four days later'
export OPSLEDGER_NOW=2026-11-24T12:00:00Z
cd "$scratch/ada" && git switch -q main && git pull -q
ada 'closed$' propose REL-2026-0001
merge REL-2026-0001-2
pulls=$(git -C "$scratch/server.git" for-each-ref 'refs/heads/propose/**' | wc -l)
say "   Typed by people: $((pulls)) pull requests, $commands commands, $facts typed fact$([ "$facts" = 1 ] || echo s)"

say '5. The site that an auditor opens'
typed '' site build
wait "$building" || { cat "$scratch/site"; exit 1; }
grep '^wrote' "$scratch/site" | wrapped

say 'Open build/site/index.html in a browser. Then try'
printf '  %-48s%s\n' \
  "$1/opsledger trace REL-2026-0012" 'from the release that was backed out to its problem and its cure' \
  "$1/opsledger who REL-2026-0027" 'who must sign for it, who could, and why' \
  "$1/opsledger calendar" 'the month, with what is planned in it' \
  "$1/opsledger prove" 'breaks one thing per rule in a copy, and sees that each rule speaks' \
  'cd build/demo/ada' 'and go on with the release that you saw; site/pages/ship-on-thursday.md tells how'
