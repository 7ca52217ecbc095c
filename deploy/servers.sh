# The private servers of one instance (up or test): PostgreSQL with PostGIS, Redis, and the databases in the cluster.
# shellcheck shell=bash

SECRETS=$STATE/env
SERVER_USER="" # set by choose_home
HOME_DIR=""    # where the servers keep their data
PG_PORT=""
REDIS_PORT=""
REDIS_PID=""
PRIVATE_PG=no
PRIVATE_REDIS=no

random_key() { head -c "$1" /dev/urandom | base64 -w 0 | tr '+/' '-_'; }
random_word() { head -c 64 /dev/urandom | base64 -w 0 | tr -dc 'a-zA-Z0-9' | cut -c1-"$1"; }
random_hex() { head -c "$1" /dev/urandom | od -An -tx1 | tr -d ' \n'; }

# Made once: what is encrypted under these keys in the databases is lost with this file.
make_secrets() {
  if [[ ! -f $SECRETS ]]; then
    if [[ $PRIVATE_PG == yes && -d $HOME_DIR/pg ]]; then
      die "$SECRETS is missing but a database made with its keys is in $HOME_DIR/pg: put the file back, or remove that folder to begin anew."
    fi
    (
      umask 077
      cat >"$SECRETS.new" <<EOF
# Made by deploy/$INSTANCE on $(date -u +%F). Keep it: databases are unreadable without these keys.
NAFEER_SECRET_KEY='$(random_key 48)'
NAFEER_FIELD_KEYS='$(random_key 32)'
NAFEER_PERSON_KEY='$(random_key 32)'
NAFEER_LINK_KEY='$(random_key 32)'
NAFEER_DEMO_PASSWORD='$(random_word 12)'
PHONES_ACCOUNTS='AC$(random_hex 16):$(random_hex 16),AC$(random_hex 16):$(random_hex 16)'
PG_SUPER_PASSWORD='$(random_word 24)'
PG_OWNER_PASSWORD='$(random_word 24)'
PG_APP_PASSWORD='$(random_word 24)'
REDIS_PASSWORD='$(random_word 24)'
EOF
      mv "$SECRETS.new" "$SECRETS"
    ) || die "$SECRETS cannot be written: make room, or give this user the right to write there."
  fi
  local name value
  while IFS='=' read -r name value; do
    [[ $name =~ ^[A-Z_]+$ ]] || continue
    value=${value#\'}
    value=${value%\'}
    # What the caller set in the environment wins, as everywhere.
    if [[ -z ${!name:-} && -z $(eval "echo \${${name}_FILE:-}") ]]; then printf -v "$name" '%s' "$value"; fi
    case $name in NAFEER_* | PHONES_*) export "${name?}" ;; esac
  done <"$SECRETS"
}

# initdb refuses root, so as root the servers run as Debian's `postgres`, which must be able to reach its folder.
choose_home() {
  HOME_DIR=$STATE/$INSTANCE
  if ((EUID != 0)); then
    mkdir -p "$HOME_DIR"
    return
  fi
  SERVER_USER=postgres
  id postgres >/dev/null 2>&1 || SERVER_USER=redis
  mkdir -p "$HOME_DIR"
  if ! setpriv --reuid="$SERVER_USER" --regid="$SERVER_USER" --init-groups test -x "$HOME_DIR" 2>/dev/null; then
    HOME_DIR=/var/lib/nafeer/$(printf '%s' "$ROOT" | sha256sum | cut -c1-12)/$INSTANCE
    [[ -d $HOME_DIR ]] || say "the user $SERVER_USER cannot reach $STATE, so the servers' data goes to $HOME_DIR"
    mkdir -p "$HOME_DIR"
  fi
}

# Become COMMAND as the servers' user, in a folder that user can enter. For a subshell or a background job only.
server_exec() {
  cd "$HOME_DIR" || exit
  if [[ -n $SERVER_USER ]]; then
    exec setpriv --reuid="$SERVER_USER" --regid="$SERVER_USER" --init-groups "$@"
  fi
  exec "$@"
}
as_server() { (server_exec "$@"); }

own() { if [[ -n $SERVER_USER ]]; then chown "$SERVER_USER:" "$@"; fi; }

# --- PostgreSQL --------------------------------------------------------------------------------------------------

# Usage: start_cluster FSYNC: on for a service, off where the data may be lost (tests).
start_cluster() {
  if [[ ! -d $HOME_DIR/pg ]]; then make_cluster; fi
  write_pg_settings "$1"
  local tries
  for tries in 1 2 3; do
    PG_PORT=$(free_port $((${PG_PORT:-$(first_port 0)} + tries - 1)))
    if as_server "$PG_BIN/pg_ctl" start -D "$HOME_DIR/pg" -w -t 90 -s -l "$HOME_DIR/pg/postgres.log" \
      -o "-p $PG_PORT" >>"$LOG/setup-$INSTANCE.log" 2>&1 </dev/null 8>&- 9>&-; then
      PRIVATE_PG=running
      return
    fi
  done
  cp "$HOME_DIR/pg/postgres.log" "$LOG/postgres-$INSTANCE.log" 2>/dev/null || true
  failed "$LOG/postgres-$INSTANCE.log" "The database server did not start"
}

# A port of this folder's own to begin the search at, so that two clones do not fight over the usual one.
first_port() { echo $((20000 + (16#$(printf '%s#%s' "$ROOT" "$INSTANCE" | sha256sum | cut -c1-4)) % 9000 + $1)); }

# Built beside its place and moved there when whole: an interrupted run leaves nothing that looks like a cluster.
make_cluster() {
  local new=$HOME_DIR/pg.new password=$HOME_DIR/pg.password
  need_room 900
  say "making a private PostgreSQL cluster in $HOME_DIR/pg"
  rm -rf "$new"
  mkdir -m 700 "$new"
  (umask 077 && printf '%s\n' "$PG_SUPER_PASSWORD" >"$password")
  own "$new" "$password"
  quietly "The database cluster could not be made" as_server "$PG_BIN/initdb" -D "$new" -U postgres \
    --encoding=UTF8 --locale=C.UTF-8 --auth=scram-sha-256 --pwfile="$password"
  rm -f "$password"
  echo "include_if_exists = 'nafeer.conf'" >>"$new/postgresql.conf"
  drop_stamp "base-$INSTANCE"
  mv "$new" "$HOME_DIR/pg"
}

# Modest values for a machine of two cores that runs everything else too; loopback only, no socket file.
write_pg_settings() {
  cat >"$HOME_DIR/pg/nafeer.conf" <<EOF
listen_addresses = '127.0.0.1'
unix_socket_directories = ''
fsync = $1
synchronous_commit = $1
full_page_writes = $1
max_connections = 200
shared_buffers = 256MB
effective_cache_size = 1GB
work_mem = 16MB
maintenance_work_mem = 128MB
max_wal_size = 2GB
random_page_cost = 1.1
jit = off
timezone = 'UTC'
log_timezone = 'UTC'
log_line_prefix = '%m [%p] %q%u@%d '
EOF
  own "$HOME_DIR/pg/nafeer.conf"
}

cluster_pid() { head -n 1 "$HOME_DIR/pg/postmaster.pid" 2>/dev/null; }

stop_cluster() {
  [[ -f $HOME_DIR/pg/postmaster.pid ]] || return 0
  as_server "$PG_BIN/pg_ctl" stop -D "$HOME_DIR/pg" -m fast -w -t 30 -s >>"$LOG/setup-$INSTANCE.log" 2>&1 </dev/null ||
    as_server "$PG_BIN/pg_ctl" stop -D "$HOME_DIR/pg" -m immediate -w -t 10 -s >>"$LOG/setup-$INSTANCE.log" 2>&1 </dev/null || true
  cp "$HOME_DIR/pg/postgres.log" "$LOG/postgres-$INSTANCE.log" 2>/dev/null || true
}

# Usage: sql DATABASE [psql arguments]: as the superuser of the private cluster.
sql() {
  local database=$1
  shift
  PGPASSWORD=$PG_SUPER_PASSWORD "$PG_BIN/psql" -X -q -A -t -v ON_ERROR_STOP=1 -h 127.0.0.1 -p "$PG_PORT" \
    -U postgres -d "$database" "$@"
}

database_exists() { [[ $(sql postgres -c "SELECT 1 FROM pg_database WHERE datname = '$1'") == 1 ]]; }
drop_database() { quietly "The database $1 could not be dropped" sql postgres -c "DROP DATABASE IF EXISTS $1 WITH (FORCE)"; }

# Usage: make_database NAME: new, with roles, extensions and grants (deploy/bootstrap.sql).
make_database() {
  drop_database "$1"
  quietly "The database $1 could not be made" sql postgres -c "CREATE DATABASE $1"
  quietly "The database $1 could not be prepared" sql "$1" -1 -f "$ROOT/deploy/bootstrap.sql"
  set_passwords
}

set_passwords() {
  sql postgres >>"$LOG/setup-$INSTANCE.log" 2>&1 <<EOF || die "The database roles could not be given passwords: read $LOG/setup-$INSTANCE.log."
ALTER ROLE owner PASSWORD '$PG_OWNER_PASSWORD';
ALTER ROLE app PASSWORD '$PG_APP_PASSWORD';
EOF
}

# Usage: use_database NAME: point the environment at it.
use_database() {
  export DATABASE_URL="postgresql://app:$PG_APP_PASSWORD@127.0.0.1:$PG_PORT/$1"
  export DATABASE_OWNER_URL="postgresql://owner:$PG_OWNER_PASSWORD@127.0.0.1:$PG_PORT/$1"
}

# Usage: write_environment: what another shell needs to act on this instance, in a file only this user can read.
write_environment() {
  local name names
  names=$(compgen -e | grep -E '^(NAFEER|PHONES|DATABASE|REDIS|TWILIO)_|^(NODE_HOME|PATH)$' | grep -vx NAFEER_RUN)
  mkdir -p "$STATE/$INSTANCE"
  (
    umask 077
    for name in $names; do printf 'export %s=%q\n' "$name" "${!name}"; done >"$STATE/$INSTANCE/environment"
  )
}

# --- Redis -------------------------------------------------------------------------------------------------------

# Nothing is kept: the journal's table is the truth and Redis carries only "society S is at N".
start_redis() {
  local dir=$HOME_DIR/redis tries
  mkdir -p "$dir"
  chmod 700 "$dir"
  for tries in 1 2 3; do
    REDIS_PORT=$(free_port $((${REDIS_PORT:-$(first_port 1)} + tries - 1)))
    (umask 077 && cat >"$dir/redis.conf" <<EOF
bind 127.0.0.1
port $REDIS_PORT
requirepass $REDIS_PASSWORD
save ""
appendonly no
dir $dir
logfile $dir/redis.log
daemonize no
EOF
    )
    own "$dir" "$dir/redis.conf"
    server_exec redis-server "$dir/redis.conf" >>"$LOG/setup-$INSTANCE.log" 2>&1 </dev/null 8>&- 9>&- &
    REDIS_PID=$!
    disown "$REDIS_PID" # or bash prints a line of its own when it is killed
    if redis_answers; then
      PRIVATE_REDIS=running
      export REDIS_URL="redis://:$REDIS_PASSWORD@127.0.0.1:$REDIS_PORT/0"
      return
    fi
    kill "$REDIS_PID" 2>/dev/null || true
  done
  failed "$dir/redis.log" "Redis did not start"
}

redis_answers() {
  local tries
  for tries in {1..50}; do
    if [[ $(REDISCLI_AUTH=$REDIS_PASSWORD redis-cli -p "$REDIS_PORT" ping 2>/dev/null) == PONG ]]; then return 0; fi
    kill -0 "$REDIS_PID" 2>/dev/null || return 1
    sleep 0.1
  done
  return 1
}

stop_redis() {
  if [[ -n $REDIS_PID ]]; then end_process "$REDIS_PID" 5; fi
  REDIS_PID=""
}
