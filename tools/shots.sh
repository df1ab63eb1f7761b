#!/usr/bin/env bash
# A page as pictures, 360 and 1280 pixels wide, in light and dark.
set -euo pipefail
page=$(realpath "$1")
out=$2
profile=$(mktemp --directory)
trap 'rm -rf "$profile"' EXIT
# A browser that starts as root wants no sandbox; the page has no script and nothing outside of it.
sandbox=()
[ "$(id --user)" -ne 0 ] || sandbox=(--no-sandbox)
shot() {
  chromium --headless --disable-gpu --no-first-run --disable-background-networking --disable-component-update \
    --disable-sync "${sandbox[@]}" --user-data-dir="$profile" --hide-scrollbars --window-size="$1" \
    "${@:3}" --screenshot="$out/$2" "file://$page" > "$profile/log" 2>&1 || { cat "$profile/log"; exit 1; }
  echo "$out/$2"
}
shot 360,3600 report-360.png
shot 1280,2000 report-1280.png
shot 1280,2000 report-1280-dark.png --blink-settings=preferredColorScheme=0
