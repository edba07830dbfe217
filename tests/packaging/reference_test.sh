#!/usr/bin/env bash
# docs/configuration.md is what the program prints, and the packaged example configuration is one it accepts.
# Usage: reference_test.sh CARILLON SOURCE
set -euo pipefail
carillon=$1 source=$2
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"

"$carillon" config --reference >reference.md
if ! diff -u "$source/docs/configuration.md" reference.md; then
  echo "docs/configuration.md is not what the program prints; run: carillon config --reference > docs/configuration.md"
  exit 1
fi

"$carillon" --config "$source/packaging/carillon.toml" config >in-force
grep -q stop_seconds in-force || { echo "the example configuration is not in force"; exit 1; }

# An unknown key must be refused, or this test proves nothing about the example.
{ cat "$source/packaging/carillon.toml"; echo 'no_such_setting = 1'; } >bad.toml
if "$carillon" --config bad.toml config >/dev/null 2>refusal; then
  echo "a setting that does not exist was accepted"
  exit 1
fi
echo "configuration reference and example: as the program says"
