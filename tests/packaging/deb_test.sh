#!/usr/bin/env bash
# Builds the .deb, looks at what is in it, and runs the program from where it was unpacked.
# Usage: deb_test.sh SOURCE BUILD
set -euo pipefail
source=$1 build=$2
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

fail() {
  echo "packaging: $*" >&2
  exit 1
}

(cd "$build" && cpack -G DEB -B "$folder/packages" >"$folder/cpack.log" 2>&1) || {
  cat "$folder/cpack.log"
  fail "cpack failed"
}
package=$(find "$folder/packages" -maxdepth 1 -name 'carillon_*.deb')
[ -f "$package" ] || fail "no package was made"
root=$folder/root
dpkg-deb -x "$package" "$root"
dpkg-deb -e "$package" "$folder/control"

for file in usr/bin/carillon usr/lib/systemd/system/carillon.service etc/carillon/carillon.toml \
  usr/share/doc/carillon/README.md usr/share/doc/carillon/copyright usr/share/doc/carillon/docs/architecture.md; do
  [ -e "$root/$file" ] || fail "$file is missing"
done
[ -n "$(ls -A "$root/usr/share/carillon/examples")" ] || fail "no examples"

grep -qx /etc/carillon/carillon.toml "$folder/control/conffiles" || fail "the configuration is not a conffile"
for script in postinst prerm postrm; do
  [ -x "$folder/control/$script" ] || fail "$script is missing or not executable"
  sh -n "$folder/control/$script" || fail "$script is no shell script"
done
depends=$(dpkg-deb -f "$package" Depends)
for library in libc6 libpoco libmysqlcppconn libsqlite3 libicu; do
  case $depends in *"$library"*) ;; *) fail "does not depend on $library: $depends" ;; esac
done

# No path of the machine it was built on.
if grep -raF -- "$source" "$root/etc" "$root/usr" >/dev/null; then
  fail "a path of the build machine is in the package"
fi

carillon=$root/usr/bin/carillon
(cd "$folder" && env -i PATH=/usr/bin:/bin "$carillon" --help) >"$folder/help"
for word in migrate import campaign run doctor; do
  grep -qw "$word" "$folder/help" || fail "--help does not name $word"
done
version=$(env -i PATH=/usr/bin:/bin "$carillon" --version)
case $version in *"$(dpkg-deb -f "$package" Version)"*) ;; *) fail "the package has version $(dpkg-deb -f "$package" Version), the program says $version" ;; esac

# The unpacked program works: a database from nothing, in a folder of its own.
(cd "$folder" && env -i PATH=/usr/bin:/bin HOME="$folder" USER=packager "$carillon" migrate) >"$folder/migrate" ||
  fail "carillon migrate: $(cat "$folder/migrate")"

grep -q '^ExecStart=/usr/bin/carillon ' "$root/usr/lib/systemd/system/carillon.service" ||
  fail "the service does not start /usr/bin/carillon"
if command -v systemd-analyze >/dev/null; then
  # The executable is looked for by systemd: give it the unpacked one.
  sed "s#^ExecStart=/usr/bin#ExecStart=$root/usr/bin#" "$root/usr/lib/systemd/system/carillon.service" \
    >"$folder/carillon.service"
  systemd-analyze verify "$folder/carillon.service" 2>"$folder/verify" || true
  if grep -E "carillon\.service:" "$folder/verify" | grep -vE "mariadb|Documentation|man |User carillon" | grep -q .; then
    fail "systemd-analyze verify: $(cat "$folder/verify")"
  fi
else
  echo "packaging: systemd-analyze is not here, the unit was not verified"
fi
stop=$(sed -n 's/^TimeoutStopSec=//p' "$root/usr/lib/systemd/system/carillon.service")
patience=$(sed -n 's/^stop_seconds *= *//p' "$root/etc/carillon/carillon.toml")
[ "$stop" -gt "$patience" ] || fail "systemd gives up after $stop s, the program waits $patience s"
echo "packaging: $(basename "$package") is complete and runs"
