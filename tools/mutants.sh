#!/bin/bash
# Breaks one rule at a time (tests/mutants/*.patch) in a copy of the sources, and sees that the tests turn red.
# A mutant that does not apply or does not compile is no mutant, and fails the run, too.
set -euo pipefail

tree=target/mutants
export CARGO_TARGET_DIR=${CARGO_TARGET_DIR:-$PWD/target}
export RUST_BACKTRACE=0
log=$PWD/target/mutants.log
survived=()

tests() { # the fastest first
  cargo test --quiet --manifest-path "$tree/Cargo.toml" --package domain --package model "$@" &&
    cargo test --quiet --manifest-path "$tree/Cargo.toml" --package tests --test wire --test template "$@"
}

: > "$log"
count=0
for patch in "${@:-tests/mutants/*.patch}"; do
  for file in $patch; do
    rm -rf "$tree"
    mkdir -p "$tree"
    git ls-files -z --cached --others --exclude-standard | xargs -0 cp --parents --target-directory "$tree"
    git apply --directory="$tree" "$file"
    name=$(basename "$file" .patch)
    tests --no-run >> "$log" 2>&1 || { echo "$name does not compile; see $log"; exit 1; }
    began=$SECONDS
    if tests >> "$log" 2>&1; then
      survived+=("$name")
      echo "SURVIVED $name: $(head -n 1 "$file")"
    else
      printf 'killed   %-18s %3d s  %s\n' "$name" $((SECONDS - began)) "$(head -n 1 "$file")"
    fi
    count=$((count + 1))
  done
done
rm -rf "$tree"
echo "$((count - ${#survived[@]})) of $count mutants killed"
((${#survived[@]} == 0))
