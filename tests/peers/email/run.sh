#!/usr/bin/env bash
# Sends mail to real servers: Postfix's smtp-sink in its moods, then Postfix and Dovecot with STARTTLS and AUTH.
# Usage: run.sh SEND_PROGRAM [BASE_PORT]. Exit 77 means skipped. Needs root, as the servers do.
set -euo pipefail
send=$(realpath "${1:?the program peer_send_mail}")
base_port=${2:-21000}
here=$(cd "$(dirname "$0")" && pwd)
[ "$(id -u)" = 0 ] || { echo "skipped: needs root"; exit 77; }
for tool in smtp-sink postfix dovecot openssl; do
  command -v "$tool" > /dev/null || { echo "skipped: no $tool"; exit 77; }
done
/usr/bin/python3 -c 'import dkim, nacl' || { echo "skipped: no python3-dkim or python3-nacl"; exit 77; }

dir=$(mktemp -d /tmp/carillon-mail-XXXXXX)
chmod 755 "$dir"
sink_pid=
finish() {
  [ -z "$sink_pid" ] || kill "$sink_pid" 2>/dev/null || true
  "$here/mail_server.sh" down "$dir/server" || true
  rm -rf "$dir"
}
trap finish EXIT

fail() { echo "FAILED: $*" >&2; exit 1; }
wait_for_port() {
  for _ in $(seq 600); do (exec 3<> "/dev/tcp/127.0.0.1/$1") 2>/dev/null && return 0; sleep 0.05; done
  fail "nothing listens on port $1"
}
field() { /usr/bin/python3 -c 'import json,sys; print(json.load(sys.stdin)[sys.argv[1]])' "$1"; }
expect() {  # what it is, the JSON, field, value
  local value
  value=$(field "$3" <<< "$2")
  [ "$value" = "$4" ] || fail "$1: $3 is $value, expected $4 in $2"
}

sink_settings() {
  cat > "$dir/sink.json" <<X
{"name": "sink", "kind": "email", "transport": "smtp", "host": "127.0.0.1", "port": $1, "tls": "off",
 "connections": 5, "from": {"name": "Bank", "address": "news@bank.test"}}
X
}

# mood, expected outcome; every message must be reported, and accepted ones must be in the sink once each.
sink_round() {
  local port=$1 outcome=$2
  shift 2
  rm -rf "$dir/sink"
  install -d -o nobody "$dir/sink"
  (cd "$dir/sink" && exec smtp-sink -u nobody -d "%M." "$@" "127.0.0.1:$port" 100) > /dev/null 2>&1 &
  sink_pid=$!
  wait_for_port "$port"
  sink_settings "$port"
  local result
  result=$("$send" "$dir/sink.json" 200 anna@client.test)
  expect "smtp-sink $*" "$result" "$outcome" 200
  kill "$sink_pid"
  wait "$sink_pid" 2>/dev/null || true
  sink_pid=
  local kept
  kept=$({ grep -rhoi '^message-id: .*' "$dir/sink" || true; } | sort | uniq -c | awk '{n++; if ($1 != 1) bad++} END {print n+0, bad+0}')
  [ "$outcome" != accepted ] || [ "$kept" = "200 0" ] || fail "smtp-sink $*: kept and repeated: $kept"
  echo "ok: smtp-sink $* -> 200 $outcome"
}

sink_round $((base_port + 1)) accepted
sink_round $((base_port + 2)) accepted -p
sink_round $((base_port + 3)) accepted -e
sink_round $((base_port + 4)) deferred -r RCPT
sink_round $((base_port + 5)) rejected -f RCPT
sink_round $((base_port + 6)) deferred -r DATA
sink_round $((base_port + 7)) rejected -f .
sink_round $((base_port + 8)) deferred -q MAIL
sink_round $((base_port + 9)) deferred -r CONNECT

"$here/mail_server.sh" up "$dir/server" "$base_port"
openssl genpkey -algorithm ed25519 -out "$dir/ed25519.pem" 2> /dev/null
openssl genpkey -algorithm rsa -pkeyopt rsa_keygen_bits:2048 -out "$dir/rsa.pem" 2> /dev/null
printf relaypw > "$dir/password"
cat > "$dir/relay.json" <<X
{"name": "relay", "kind": "email", "transport": "smtp", "host": "localhost", "port": $((base_port + 25)),
 "tls": "required", "ca_file": "server/tls/ca.pem", "user": "relay@bank.test", "password_file": "password",
 "connections": 4, "from": {"name": "Банк", "address": "news@bank.test"}, "bounce_domain": "bank.test",
 "dkim": [{"selector": "ed", "domain": "bank.test", "key_file": "ed25519.pem"},
          {"selector": "rsa", "domain": "bank.test", "key_file": "rsa.pem"}]}
X
result=$("$send" "$dir/relay.json" 50 anna@client.test "$dir/records.json")
expect "postfix" "$result" accepted 50
mailbox="$dir/server/mail/client.test/anna/new"
for _ in $(seq 600); do [ "$(ls "$mailbox" 2>/dev/null | wc -l)" -ge 50 ] && break; sleep 0.1; done
sleep 0.5
[ "$(ls "$mailbox" | wc -l)" = 50 ] || fail "the mailbox holds $(ls "$mailbox" | wc -l) messages"
[ "$(grep -rhoi '^message-id: .*' "$mailbox" | sort -u | wc -l)" = 50 ] || fail "a message came twice"
echo "ok: 50 messages through STARTTLS and AUTH, each once in the mailbox"
/usr/bin/python3 "$here/verify_dkim.py" "$dir/records.json" "$mailbox"/*
echo "ok: DKIM of delivered mail holds for both algorithms, and breaks when a letter changes"

printf wrong > "$dir/password"
result=$("$send" "$dir/relay.json" 3 anna@client.test)
expect "a wrong password" "$result" deferred 3
case $(field reason <<< "$result") in *authentication*) ;; *) fail "no word of the password in $result" ;; esac
echo "ok: a wrong password defers and says so"
