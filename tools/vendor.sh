#!/usr/bin/env bash
# Copies what pages use of the packages in tools/node_modules to static/vendor,
# where the program embeds it. static/icons.txt names the icons, one a line.
set -euo pipefail
cd "$(dirname "$0")/.."
from=tools/node_modules to=static/vendor

rm -rf "$to/icons"
mkdir -p "$to/icons"
while read -r icon; do
  [ -n "$icon" ] || continue
  cp "$from/lucide-static/icons/$icon.svg" "$to/icons/" 2>/dev/null || {
    echo "static/icons.txt names the icon \"$icon\", which lucide does not have: see https://lucide.dev/icons." >&2
    exit 1
  }
done < static/icons.txt
cp "$from/lucide-static/LICENSE" "$to/icons/LICENSE"
cp "$from/htmx.org/LICENSE" "$to/htmx.LICENSE"
# Last: make takes this file for the sign that all is done.
cp "$from/htmx.org/dist/htmx.min.js" "$to/htmx.min.js"
