#!/usr/bin/env bash
# Installs the npm packages of the peers into a folder, once for each version of the lock file.
# Usage: packages.sh FOLDER
set -euo pipefail
folder=${1:?a folder}
here=$(cd "$(dirname "$0")" && pwd)
mkdir -p "$folder"
# Tests that run side by side share the folder.
exec 9> "$folder/.lock"
flock 9
if cmp -s "$here/package-lock.json" "$folder/.installed"; then exit 0; fi
cp "$here/package.json" "$here/package-lock.json" "$folder/"
(cd "$folder" && npm ci --no-audit --no-fund --ignore-scripts > npm.log 2>&1)
cp "$here/package-lock.json" "$folder/.installed"
