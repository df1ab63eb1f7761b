#!/usr/bin/env bash
# Both stacks into the account of the current credentials, dr first. Parameters come from the policy alone. The alarm on
# a silent check and dr's watcher are armed once home's first heartbeat was read.
set -euo pipefail

sonae_policy=$1
dr_region=$(python -c 'import tomllib; print(tomllib.load(open("policy/policy.toml", "rb"))["dr"])')
described=$(mktemp)
trap 'rm -f "$described"' EXIT

step() { printf '\n== %s\n' "$*"; }
output() { # the value of one output of the dr stack
  python -c 'import json, sys
print({o["OutputKey"]: o["OutputValue"] for o in json.load(open(sys.argv[1]))}[sys.argv[2]])' "$described" "$1"
}

beats() { # whether home has left a heartbeat in this bucket
  python -c 'import boto3, sys
boto3.client("s3", region_name=sys.argv[1]).head_object(Bucket=sys.argv[2], Key="heartbeat.json")' "$dr_region" "$1" 2> /dev/null
}

deploy_dr() {
  sam build --config-env dr --template template-dr.yaml
  # shellcheck disable=SC2046 # one word per parameter
  sam deploy --config-env dr --template .aws-sam/build/template.yaml --no-fail-on-empty-changeset \
    --parameter-overrides $("$sonae_policy" params dr) Armed="$1"
}

deploy_home() {
  sam build
  # shellcheck disable=SC2046
  sam deploy --no-fail-on-empty-changeset \
    --parameter-overrides $("$sonae_policy" params home --dr-stack "$described") Armed="$1"
}

heartbeat() { # up to 20 minutes: the schedule runs every quarter of an hour
  local bucket minute
  bucket=$(output JournalBucketName)
  for minute in $(seq 20); do
    if beats "$bucket"; then return 0; fi
    printf 'no heartbeat yet (%s of 20 minutes)\n' "$minute"
    sleep 60
  done
  return 1
}

"$sonae_policy" check
step "dr stack"
deploy_dr false
sam list stack-outputs --region "$dr_region" --stack-name sonae-dr --output json > "$described"
step "home stack"
deploy_home false
step "the first heartbeat"
if ! heartbeat; then
  echo 'home left no heartbeat in 20 minutes: see docs/runbooks/check-silent.md; nothing is armed' >&2
  exit 1
fi
step "armed"
deploy_dr true
deploy_home true
echo 'Confirm the subscription mails of both topics, or nobody is told anything.'
