#!/usr/bin/env bash
# Runs the conformance suite of short messages against one adapter and its peer, on loopback.
# Usage: run.sh smpp SUITE_PROGRAM BUILD_FOLDER [suite options]. Exit 77 means skipped.
# The npm packages of the peers are installed into BUILD_FOLDER.
set -euo pipefail
subject=${1:?smpp}
suite=$(realpath "${2:?the program peer_sms}")
build=$(realpath -m "${3:?a folder for npm packages}")
shift 3
here=$(cd "$(dirname "$0")" && pwd)
for tool in node npm openssl; do
  command -v "$tool" > /dev/null || { echo "skipped: no $tool"; exit 77; }
done

dir=$(mktemp -d /tmp/carillon-sms-XXXXXX)
pids=()
finish() {
  local pid
  for pid in "${pids[@]}"; do kill "$pid" 2> /dev/null || true; done
  for pid in "${pids[@]}"; do wait "$pid" 2> /dev/null || true; done
  rm -rf "$dir"
}
trap finish EXIT

fail() { echo "FAILED: $*" >&2; tail -n 20 "$dir"/*.log >&2 || true; exit 1; }
start() {  # name, command
  local name=$1
  shift
  (cd "$dir" && exec "$@") > "$dir/$name.log" 2>&1 &
  pids+=($!)
}
wait_for_port() {
  for _ in $(seq 100); do (exec 3<> "/dev/tcp/127.0.0.1/$1") 2> /dev/null && return 0; sleep 0.1; done
  fail "nothing listens on port $1"
}

"$here/packages.sh" "$build" || { echo "skipped: the npm packages cannot be installed"; exit 77; }
export NODE_PATH="$build/node_modules"

make_certificates() {
  local ec=(-newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes)
  (cd "$dir"
  openssl req -x509 "${ec[@]}" -days 2 -subj "/CN=Test CA" -keyout ca.key -out ca.pem
  openssl req -x509 "${ec[@]}" -days 2 -subj "/CN=Another CA" -keyout other.key -out other.pem
  openssl req "${ec[@]}" -subj "/CN=localhost" -keyout server.key -out server.csr
  openssl x509 -req -in server.csr -CA ca.pem -CAkey ca.key -CAcreateserial -days 2 -out server.pem \
    -extfile <(echo "subjectAltName=DNS:localhost,IP:127.0.0.1")) 2> /dev/null
}

start_centre() {
  start centre node "$here/centre.js" 21075 21076 21077 server.key server.pem
  wait_for_port 21075
  wait_for_port 21076
}

make_certificates
printf secret > "$dir/password"
case "$subject" in
  smpp)
    start_centre
    smpp() {  # port, tls
      echo "{\"name\": \"sms\", \"kind\": \"sms\", \"transport\": \"smpp\", \"sender\": \"BANK\", \"parts_max\": 10,
        \"smpp\": {\"host\": \"127.0.0.1\", \"port\": $1, $2, \"system_id\": \"bank\", \"password_file\": \"password\",
        \"timeouts\": {\"response_seconds\": 2, \"enquire_seconds\": 5}}}"
    }
    echo "{\"name\": \"smpp\", \"folder\": \"$dir\", \"control\": 21076,
      \"settings\": $(smpp 21075 '"tls": "off"'),
      \"good_tls\": $(smpp 21077 '"tls": "implicit", "ca_file": "ca.pem"'),
      \"bad_tls\": $(smpp 21077 '"tls": "implicit", "ca_file": "other.pem"')}" > "$dir/peer.json" ;;
  *) fail "no subject '$subject'" ;;
esac

CARILLON_PEER="$dir/peer.json" "$suite" "$@"
