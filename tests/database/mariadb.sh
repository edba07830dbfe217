#!/usr/bin/env bash
# A private MariaDB server for tests: no TCP port, everything in one folder, stopped by pid.
# Usage: mariadb.sh up|down|kill|start FOLDER   (kill: -9, leaves the data; start: again on the same data)
set -euo pipefail
action=$1
folder=$(realpath -m "$2")
pid_file=$folder/mariadb.pid

is_alive() { [ -d "/proc/$1" ] && ! grep -q '^State:.*Z' "/proc/$1/status" 2>/dev/null; }

stop() {
  local signal=$1 pid
  [ -f "$pid_file" ] || return 0
  pid=$(cat "$pid_file")
  kill "-$signal" "$pid" 2>/dev/null || true
  for _ in $(seq 1 600); do is_alive "$pid" || break; sleep 0.05; done
  rm -f "$pid_file"
}

start() {
  local user=()
  [ "$(id -u)" -ne 0 ] || user=(--user=mysql)
  # The folder may lie below one that the server's user may not enter by name: run it from inside.
  # A server that starts removes what temporary tables others left in its folder for them: each has its own, not /tmp.
  setsid mariadbd --no-defaults "${user[@]}" --datadir="$folder/data" --socket="$folder/mariadb.sock" \
    --pid-file="$folder/data/server.pid" --skip-networking --innodb-buffer-pool-size=512M \
    --innodb-log-file-size=256M --innodb-flush-log-at-trx-commit=1 --innodb-snapshot-isolation=ON \
    --character-set-server=utf8mb4 --max-allowed-packet=64M --skip-log-bin --tmpdir=../tmp \
    </dev/null >>"$folder/server.log" 2>&1 &
  echo $! >"$pid_file"
  for _ in $(seq 1 600); do
    if mariadb-admin --no-defaults --socket="$folder/mariadb.sock" -u root ping >/dev/null 2>&1; then return 0; fi
    is_alive "$(cat "$pid_file")" || break
    sleep 0.1
  done
  echo "mariadb did not start:" >&2
  tail -20 "$folder/server.log" >&2
  return 1
}

# A fresh data folder. On a machine with little left this fails now and then before a test has begun: what it printed is
# shown, and the caller tries again.
install() {
  local user=()
  rm -rf "$folder"
  mkdir -p "$folder/data" "$folder/tmp"
  if [ "$(id -u)" -eq 0 ]; then
    user=(--user=mysql)
    chown mysql "$folder" "$folder/data" "$folder/tmp"
  fi
  mariadb-install-db --no-defaults --datadir="$folder/data" --auth-root-authentication-method=normal \
    --skip-test-db --innodb-use-native-aio=0 "${user[@]}" >"$folder/install.log" 2>&1 && return 0
  echo "mariadb-install-db failed:" >&2
  tail -20 "$folder/install.log" >&2
  return 1
}

case $action in
up)
  stop TERM
  install || install || install
  start
  ;;
start) start ;;
kill) stop KILL ;;
down)
  stop TERM
  rm -rf "$folder"
  ;;
*)
  echo "unknown action $action" >&2
  exit 2
  ;;
esac
