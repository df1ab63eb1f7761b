#!/usr/bin/env bash
# Both stacks into the account of the current credentials, dr first. Parameters and Regions come from the policy alone. The
# first time, the alarm on a silent check and dr's watcher are armed once home's first heartbeat was read. CHAT names the secret
# with a chat's webhook; not set, the stacks keep what they were given before, and empty, they forget it.
set -euo pipefail

sonae_policy=$1
unset SONAE_POLICY # the layer holds policy/policy.toml, so that is what is deployed
region() { python -c 'import sys, tomllib; print(tomllib.load(open("policy/policy.toml", "rb"))[sys.argv[1]])' "$1"; }
home=$(region home)
dr=$(region dr)
chat=()
if [ -n "${CHAT+set}" ]; then chat=(ChatSecretName="${CHAT:-\"\"}"); fi # SAM skips a bare `Name=`
described=$(mktemp)
trap 'rm -f "$described"' EXIT

step() { printf '\n== %s\n' "$*"; }

# samconfig.toml is looked for beside the template, so it is named.
deploy() { # environment, Region, then parameters
  local environment=$1 region=$2
  shift 2
  sam deploy --config-file "$PWD/samconfig.toml" --config-env "$environment" --region "$region" \
    --template .aws-sam/build/template.yaml --no-fail-on-empty-changeset --parameter-overrides "$@" ${chat[@]+"${chat[@]}"}
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

# What the dr stack put out, and whether home has ever left a heartbeat: `none`, `silent` or `beats`. Anything that cannot
# be read ends the deployment: taken for "none", it would disarm what is armed.
state_of_dr() {
  python - "$dr" "$described" << 'END'
import json, sys, boto3
from botocore.exceptions import ClientError

region, file = sys.argv[1:]
try:
    stack = boto3.client("cloudformation", region_name=region).describe_stacks(StackName="sonae-dr")["Stacks"][0]
except ClientError as error:
    if "does not exist" not in str(error):
        raise
    sys.exit(print("none"))
json.dump(stack.get("Outputs", []), open(file, "w"))
bucket = {output["OutputKey"]: output["OutputValue"] for output in stack.get("Outputs", [])}.get("JournalBucketName")
try:
    bucket and boto3.client("s3", region_name=region).head_object(Bucket=bucket, Key="heartbeat.json")
except ClientError as error:
    if error.response["ResponseMetadata"]["HTTPStatusCode"] != 404:
        raise
    bucket = None
print("beats" if bucket else "silent")
END
}

first_heartbeat() { # up to 20 minutes: the schedule runs every quarter of an hour
  local minute state
  for minute in $(seq 20); do
    state=$(state_of_dr) || exit 1 # `set -e` does not reach into a condition
    if [ "$state" = beats ]; then return 0; fi
    printf 'no heartbeat yet (%s of 20 minutes)\n' "$minute"
    sleep 60
  done
  return 1
}

"$sonae_policy" check
# Deployed again, it stays armed throughout: a deployment that fails half way must not switch the alarm off.
state=$(state_of_dr)
armed=false
if [ "$state" = beats ]; then armed=true; fi
step "dr stack ($state before)"
deploy_dr "$armed"
state_of_dr > /dev/null
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
