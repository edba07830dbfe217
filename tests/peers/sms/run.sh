#!/usr/bin/env bash
# Runs the conformance suite of short messages against one adapter and its peer, on loopback.
# Usage: run.sh smpp|rest|kannel SUITE_PROGRAM BUILD_FOLDER [suite options]. Exit 77 means skipped.
# Kannel binds ports we cannot choose addresses for, so it runs in a network namespace; that needs root.
# The npm packages of the peers are installed into BUILD_FOLDER.
set -euo pipefail
subject=${1:?smpp, rest or kannel}
suite=$(realpath "${2:?the program peer_sms}")
build=$(realpath -m "${3:?a folder for npm packages}")
shift 3
here=$(cd "$(dirname "$0")" && pwd)
for tool in node npm openssl; do
  command -v "$tool" > /dev/null || { echo "skipped: no $tool"; exit 77; }
done

if [ "$subject" = kannel ] && [ "${CARILLON_IN_NAMESPACE:-}" != yes ]; then
  command -v bearerbox > /dev/null || { echo "skipped: no Kannel"; exit 77; }
  "$here/packages.sh" "$build" || { echo "skipped: the npm packages cannot be installed"; exit 77; }
  unshare -n true 2> /dev/null || { echo "skipped: no network namespaces"; exit 77; }
  export CARILLON_IN_NAMESPACE=yes
  exec unshare -n bash -c 'ip link set lo up; exec "$@"' bash "$0" "$subject" "$suite" "$build" "$@"
fi

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

# The shipped examples, turned to the peers of this machine.
turned() {  # example, address
  python3 - "$1" "${2:-}" << 'X'
import json, sys
settings = json.load(open(sys.argv[1]))
http = settings["http"]
settings.pop("rate_per_second", None)
settings["parts_max"] = 10
http["callbacks"].pop("secret_env")
if "form" in http:
    http["url"] = sys.argv[2] + "/Accounts/{{secret.account}}/Messages.json"
    http.update({"user": "AC1", "token_file": "password", "ca_file": "ca.pem", "allow_http": True, "total_seconds": 2,
                 "idempotency_header": "Idempotency-Key", "secrets": {"account": {"file": "account"}}})
    http.pop("token_env")
    http["form"]["StatusCallback"] = "http://127.0.0.1:21088/receipt?key={{key_hex}}"
    http["callbacks"].update({"secret_file": "password", "public_url": "http://127.0.0.1:21088"})
else:
    http["url"] = "http://127.0.0.1:21013/cgi-bin/sendsms"
    http["secrets"] = {"kannel": {"file": "password"}, "callback": {"file": "callback"}}
    http["query"]["dlr-url"] = http["query"]["dlr-url"].replace("127.0.0.1:8080/callbacks/sms", "127.0.0.1:21088")
    http["callbacks"]["secret_file"] = "callback"
print(json.dumps(settings))
X
}

make_certificates
printf AC1 > "$dir/account"
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
  rest)
    start hook node "$here/hook.js" 21088
    start rest node "$here/rest.js" 21085 21086 http://127.0.0.1:21088 21087 server.key server.pem
    wait_for_port 21086
    wait_for_port 21088
    rest() {  # address
      turned "$here/../../../examples/channels/twilio-shaped.json" "$1"
    }
    echo "{\"name\": \"rest\", \"folder\": \"$dir\", \"control\": 21086, \"callbacks\": 21088,
      \"expect\": {\"expired\": \"failed\"},
      \"skip\": [\"parts\", \"throttled part\", \"inbound parts\"],
      \"settings\": $(rest http://127.0.0.1:21085), \"good_tls\": $(rest https://localhost:21087),
      \"bad_tls\": $(rest https://localhost:21087 | sed 's/"ca.pem"/"other.pem"/')}" > "$dir/peer.json" ;;
  kannel)
    start_centre
    printf callback > "$dir/callback"
    start hook node "$here/hook.js" 21088
    start bearerbox bearerbox "$here/kannel.conf"
    wait_for_port 21001
    start smsbox smsbox "$here/kannel.conf"
    wait_for_port 21013
    wait_for_port 21088
    for _ in $(seq 50); do
      curl -s 'http://127.0.0.1:21000/status.txt?password=status' | grep -q 'CENTRE.*online' && break
      sleep 0.2
    done
    echo "{\"name\": \"kannel\", \"folder\": \"$dir\", \"control\": 21076, \"callbacks\": 21088,
      \"expect\": {\"expired\": \"failed\", \"queue full\": \"receipt\", \"no such number\": \"receipt\",
                 \"throttled\": \"receipt\"},
      \"skip\": [\"silence\", \"lost answer\", \"late answer\", \"throttled part\", \"reference\", \"down\",
               \"inbound parts\", \"early receipt\"],
      \"settings\": $(turned "$here/../../../examples/channels/kannel.json")}" > "$dir/peer.json" ;;
  *) fail "no subject '$subject'" ;;
esac

CARILLON_PEER="$dir/peer.json" "$suite" "$@"
