#!/usr/bin/env bash
# Prints the path of a server program for the tests: `findServer.sh sshd` or `findServer.sh postgres`. One that is there,
# else Debian's package is installed (as root). Ends with 1, FAILED and the remedy where none can be had.
set -uo pipefail
program="${1:-}"
case "$program" in
  sshd) package=openssh-server ;;
  postgres) package=postgresql ;;
  *) echo "FAILED: name the server: sshd or postgres" >&2; exit 1 ;;
esac

find_one() {
  local path
  for path in $(command -v "$program") /usr/sbin/"$program" /usr/local/sbin/"$program" \
    $(ls -d /usr/lib/postgresql/*/bin/"$program" /usr/pgsql-*/bin/"$program" 2>/dev/null | sort -rV); do
    # A link may stand alone; beside the program itself are those that go with it.
    [ -x "$path" ] && readlink -f "$path" && return 0
  done
  return 1
}

find_one && exit 0

log="$(mktemp)"
if command -v apt-get >/dev/null && [ "$(id -u)" -eq 0 ]; then
  echo "installing Debian's $package" >&2
  # Only the program is wanted: no service may start, and no database be made.
  mkdir -p /etc/postgresql-common
  [ -e /etc/postgresql-common/createcluster.conf ] || echo 'create_main_cluster = false' >/etc/postgresql-common/createcluster.conf
  guard=/usr/sbin/policy-rc.d
  [ -e "$guard" ] || { printf '#!/bin/sh\nexit 101\n' >"$guard" && chmod 755 "$guard" && trap 'rm -f "$guard"' EXIT; }
  {
    apt-get update -q
    DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends "$package"
  } >"$log" 2>&1 </dev/null
  find_one && exit 0
fi

echo "FAILED: no $program could be found or installed ($log says why)." >&2
echo "Install it from your system's packages (Debian: apt-get install $package)." >&2
exit 1
