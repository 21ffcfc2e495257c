#!/usr/bin/env bash
# Builds the last commit twice, in folders of different names, each with an empty
# cache and assets fetched anew, and compares what comes out byte by byte.
set -euo pipefail
cd "$(dirname "$0")/.."

dir=$(mktemp -d)
trap 'chmod -R u+w "$dir"; rm -rf "$dir"' EXIT
for at in "$dir/a" "$dir/another folder"; do
  git clone -q . "$at"
  GOCACHE="$at.cache" make --no-print-directory -C "$at" build
  rm -rf "$at.cache"
done
cmp "$dir/a/bin/fieldgate" "$dir/another folder/bin/fieldgate"
cmp "$dir/a/bin/fieldgate.cdx.json" "$dir/another folder/bin/fieldgate.cdx.json"
echo "The same twice, of commit $(git rev-parse --short=12 HEAD):"
(cd "$dir/a/bin" && sha256sum fieldgate fieldgate.cdx.json)
