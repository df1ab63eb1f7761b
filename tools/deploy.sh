#!/usr/bin/env bash
# Both stacks into the account of the current credentials, dr first. Parameters and Regions come from the policy alone. The
# first time, the alarm on a silent check and dr's watcher are armed once home's first heartbeat was read.
set -euo pipefail

sonae_policy=$1
region() { python -c 'import sys, tomllib; print(tomllib.load(open("policy/policy.toml", "rb"))[sys.argv[1]])' "$1"; }
home=$(region home)
dr=$(region dr)
described=$(mktemp)
trap 'rm -f "$described"' EXIT

step() { printf '\n== %s\n' "$*"; }

# samconfig.toml is looked for beside the template, so it is named.
deploy() { # environment, Region, then parameters
  local environment=$1 region=$2
  shift 2
  sam deploy --config-file "$PWD/samconfig.toml" --config-env "$environment" --region "$region" \
    --template .aws-sam/build/template.yaml --no-fail-on-empty-changeset --parameter-overrides "$@"
}

deploy_dr() {
  sam build --template template-dr.yaml
  # shellcheck disable=SC2046 # one word per parameter
  deploy dr "$dr" $("$sonae_policy" params dr) Armed="$1"
}

deploy_home() {
  sam build --template template.yaml
  # shellcheck disable=SC2046
  deploy default "$home" $("$sonae_policy" params home --dr-stack "$described") Armed="$1"
}

describe_dr() { sam list stack-outputs --region "$dr" --stack-name sonae-dr --output json > "$described" 2> /dev/null; }

beats() { # whether home has ever left a heartbeat
  python -c 'import boto3, json, sys
outputs = {o["OutputKey"]: o["OutputValue"] for o in json.load(open(sys.argv[2]))}
boto3.client("s3", region_name=sys.argv[1]).head_object(Bucket=outputs["JournalBucketName"], Key="heartbeat.json")' \
    "$dr" "$described" 2> /dev/null
}

first_heartbeat() { # up to 20 minutes: the schedule runs every quarter of an hour
  local minute
  for minute in $(seq 20); do
    if beats; then return 0; fi
    printf 'no heartbeat yet (%s of 20 minutes)\n' "$minute"
    sleep 60
  done
  return 1
}

"$sonae_policy" check
# Deployed again, it stays armed throughout: a deployment that fails half way must not switch the alarm off.
armed=false
if describe_dr && beats; then armed=true; fi
step "dr stack"
deploy_dr "$armed"
describe_dr
step "home stack"
deploy_home "$armed"
if [ "$armed" = false ]; then
  step "the first heartbeat"
  if ! first_heartbeat; then
    echo 'home left no heartbeat in 20 minutes: see docs/runbooks/check-silent.md; nothing is armed' >&2
    exit 1
  fi
  step "armed"
  deploy_dr true
  deploy_home true
fi
echo 'Confirm the subscription mails of both topics, or nobody is told anything.'
