#!/usr/bin/env bash
# A private mail server for tests: Postfix takes mail, Dovecot checks passwords and keeps mailboxes. Loopback only.
#   mail_server.sh up DIR BASE_PORT     submission at BASE+25 (STARTTLS and AUTH required), IMAP at BASE+93 and POP3 at
#                                       BASE+95 (both TLS from the first byte), prints "up"
#   mail_server.sh down DIR
# User relay@bank.test with password "relaypw" may send. Mail for client.test lands in DIR/mail/client.test/USER/new
# for the users anna and boris; bank.test has bounces (password bouncespw) and offers (offerspw). DIR/dovecot/users may
# get more lines while it runs. The test CA is DIR/tls/ca.pem; the server's name is localhost. Needs root.
set -euo pipefail
verb=${1:?up or down}
dir=$(realpath -m "${2:?a folder}")

write_certificates() {
  mkdir -p "$dir/tls"
  cd "$dir/tls"
  local ec=(-newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes)
  openssl req -x509 "${ec[@]}" -days 2 -subj "/CN=Carillon test CA" -keyout ca.key -out ca.pem 2>/dev/null
  openssl req "${ec[@]}" -subj "/CN=localhost" -keyout server.key -out server.csr 2>/dev/null
  openssl x509 -req -in server.csr -CA ca.pem -CAkey ca.key -CAcreateserial -days 2 -out server.pem \
    -extfile <(echo "subjectAltName=DNS:localhost,IP:127.0.0.1") 2>/dev/null
}

write_dovecot() {
  local base=$1
  mkdir -p "$dir/dovecot/run" "$dir/mail"
  chown mail:mail "$dir/mail"
  printf '%s\n' 'relay@bank.test:{PLAIN}relaypw' 'anna@client.test:{PLAIN}annapw' 'boris@client.test:{PLAIN}borispw' \
    'bounces@bank.test:{PLAIN}bouncespw' 'offers@bank.test:{PLAIN}offerspw' \
    > "$dir/dovecot/users"
  cat > "$dir/dovecot/dovecot.conf" <<X
base_dir = $dir/dovecot/run
log_path = $dir/dovecot/log
protocols = lmtp imap pop3
listen = 127.0.0.1
ssl = yes
ssl_cert = <$dir/tls/server.pem
ssl_key = <$dir/tls/server.key
auth_mechanisms = plain login
disable_plaintext_auth = no
mail_location = maildir:$dir/mail/%d/%n
mail_uid = mail
mail_gid = mail
first_valid_uid = 1
recipient_delimiter = +
passdb {
  driver = passwd-file
  args = $dir/dovecot/users
}
userdb {
  driver = static
  args = uid=mail gid=mail home=$dir/mail/%d/%n
}
service imap-login {
  inet_listener imap {
    port = 0
  }
  inet_listener imaps {
    port = $((base + 93))
    ssl = yes
  }
}
service pop3-login {
  inet_listener pop3 {
    port = 0
  }
  inet_listener pop3s {
    port = $((base + 95))
    ssl = yes
  }
}
service lmtp {
  unix_listener lmtp {
    mode = 0666
  }
}
service auth {
  unix_listener auth-client {
    mode = 0666
  }
}
service stats {
  unix_listener stats-writer {
    mode = 0666
  }
}
X
}

write_postfix() {
  local port=$1
  mkdir -p "$dir/postfix/etc" "$dir/postfix/spool" "$dir/postfix/data"
  chown postfix "$dir/postfix/data"
  cat > "$dir/postfix/etc/main.cf" <<X
compatibility_level = 3.6
queue_directory = $dir/postfix/spool
data_directory = $dir/postfix/data
command_directory = /usr/sbin
daemon_directory = /usr/lib/postfix/sbin
shlib_directory = /usr/lib/postfix
meta_directory = /etc/postfix
maillog_file = $dir/postfix/log
maillog_file_prefixes = ${dir%%/"${dir#/*/}"}, /tmp
myhostname = mx.bank.test
mydestination =
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
mynetworks =
alias_maps =
local_recipient_maps =
recipient_delimiter = +
smtp_dns_support_level = disabled
virtual_mailbox_domains = client.test bank.test
virtual_transport = lmtp:unix:$dir/dovecot/run/lmtp
smtpd_tls_security_level = encrypt
smtpd_tls_cert_file = $dir/tls/server.pem
smtpd_tls_key_file = $dir/tls/server.key
smtpd_sasl_auth_enable = yes
smtpd_sasl_type = dovecot
smtpd_sasl_path = unix:$dir/dovecot/run/auth-client
smtpd_client_restrictions = permit_sasl_authenticated, reject
smtpd_relay_restrictions = permit_sasl_authenticated, reject
smtpd_recipient_restrictions = permit_sasl_authenticated, reject
smtpd_reject_unlisted_recipient = no
X
  cat > "$dir/postfix/etc/master.cf" <<X
127.0.0.1:$port inet n - n - - smtpd
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
tlsmgr unix - - n 1000? 1 tlsmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
verify unix - - n - 1 verify
proxymap unix - - n - - proxymap
lmtp unix - - n - - lmtp
error unix - - n - - error
retry unix - - n - - error
anvil unix - - n - 1 anvil
postlog unix-dgram n - n - 1 postlogd
X
}

# Nobody waits for daemons whose parent is gone: a zombie counts as stopped.
is_running() { [ -d "/proc/$1" ] && ! grep -q '^State:.Z' "/proc/$1/status" 2>/dev/null; }

stop_pid() {
  local pid=$1
  [ -n "$pid" ] || return 0
  kill "$pid" 2>/dev/null || true
  for _ in $(seq 100); do is_running "$pid" || return 0; sleep 0.1; done
  kill -9 "$pid" 2>/dev/null || true
}

case $verb in
  up)
    port=$((${3:?a base port} + 25))
    [ "$(id -u)" = 0 ] || { echo "skipped: needs root"; exit 77; }
    rm -rf "$dir"
    mkdir -p "$dir"
    chmod 755 "$dir"
    write_certificates
    write_dovecot $((port - 25))
    write_postfix "$port"
    setsid dovecot -F -c "$dir/dovecot/dovecot.conf" > "$dir/dovecot/out" 2>&1 < /dev/null &
    echo $! > "$dir/dovecot.pid"
    setsid postfix -c "$dir/postfix/etc" start-fg > "$dir/postfix/out" 2>&1 < /dev/null &
    for _ in $(seq 600); do
      if (exec 3<> "/dev/tcp/127.0.0.1/$port") 2>/dev/null && [ -S "$dir/dovecot/run/lmtp" ]; then
        echo up
        exit 0
      fi
      sleep 0.1
    done
    echo "the mail server did not come up:" >&2
    tail -n 20 "$dir"/dovecot/{out,log} "$dir"/postfix/{out,log} >&2 || true
    exit 1
    ;;
  down)
    # start-fg is a wrapper; the master knows its own number.
    stop_pid "$(tr -d ' ' < "$dir/postfix/spool/pid/master.pid" 2>/dev/null || true)"
    stop_pid "$(cat "$dir/dovecot.pid" 2>/dev/null || true)"
    ;;
  *)
    echo "usage: $0 up DIR BASE_PORT | down DIR" >&2
    exit 2
    ;;
esac
