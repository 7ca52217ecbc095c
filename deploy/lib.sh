# Shared by deploy/up and deploy/test: words to the person, one run at a time, nothing left behind.
# shellcheck shell=bash

ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd -P)
STATE=$ROOT/.nafeer
VENV=$STATE/venv
LOG=$STATE/log
STARTED=$SECONDS

# INSTANCE (up or test) is set by the caller: each has servers of its own, so tests can run beside a running service.
say() { printf '%s\n' "nafeer: $*" >&2; }
die() {
  printf '%s\n' "nafeer: $*" >&2
  exit 1
}

usage_error() {
  printf '%s\n' "nafeer: $*" >&2
  exit 2
}

# End with one sentence on a step that failed, its cause read from the step's own output.
# Usage: failed LOG SENTENCE
failed() {
  local log=$1 sentence=$2
  local network='could not resolve|temporary failure|name resolution|dns error|network is unreachable|failed to (fetch|connect)'
  network+='|connection (refused|timed out|reset)|enotfound|econnrefused|etimedout|max retries exceeded|connect error|request failed'
  if grep -qiE 'No space left on device|ENOSPC' "$log" 2>/dev/null; then
    die "The disk is full ($(free_mb "$STATE") MB left for $STATE): make room and run this again."
  elif [[ ${FETCHING:-no} == yes ]] && grep -qiE "$network" "$log" 2>/dev/null; then
    die "$sentence because the network did not answer: check it and run this again (details: $log)."
  fi
  local cause
  cause=$(grep -v '^[[:space:]]*$' "$log" 2>/dev/null | tail -n 1 | cut -c1-240)
  die "$sentence (${cause:-no output}): read $log, put right what it names and run this again."
}

# Run a command with its output in the set-up log; on failure end with SENTENCE.
# Usage: quietly SENTENCE COMMAND...; fetch: the same for what needs the network
quietly() {
  local sentence=$1 log=$LOG/setup-$INSTANCE.log
  shift
  printf '\n$ %s\n' "$*" >>"$log"
  local from=$(($(wc -c <"$log") + 1)) status=0
  "$@" >>"$log" 2>&1 </dev/null || status=$?
  ((status)) || return 0
  tail -c "+$from" "$log" >"$LOG/failed.log"
  failed "$LOG/failed.log" "$sentence"
}
fetch() { FETCHING=yes quietly "$@"; }

# --- state folder ------------------------------------------------------------------------------------------------

free_mb() {
  local path=$1
  while [[ ! -e $path ]]; do path=$(dirname "$path"); done
  df -Pm "$path" | awk 'NR == 2 {print $4}'
}

# Usage: need_room MEGABYTES
need_room() {
  local free
  free=$(free_mb "$STATE")
  ((free >= $1)) || die "There are $free MB free for $STATE and $1 MB are needed: make room and run this again."
}

open_state() {
  mkdir -p "$STATE" 2>/dev/null || die "The folder $STATE cannot be made: give this user the right to write in $ROOT."
  [[ -w $STATE ]] || die "The folder $STATE belongs to another user: run this as $(stat -c %U "$STATE"), or remove the folder."
  mkdir -p "$LOG" "$STATE/stamps" 2>/dev/null || die "The folder $STATE cannot be written: make room, or give this user the right to write there."
  : >"$LOG/setup-$INSTANCE.log" || die "The folder $LOG cannot be written: make room, or give this user the right to write there."
}

# Two runs of the same kind would share servers and databases; the kernel frees the lock whatever ends the holder.
take_lock() {
  exec 9>>"$STATE/$INSTANCE.lock"
  flock -n 9 || die "Another deploy/$INSTANCE runs in this folder: end it with Ctrl-C there (or: kill $(cat "$STATE/$INSTANCE.pid" 2>/dev/null || echo PID)) and run this again."
  echo $$ >"$STATE/$INSTANCE.pid"
  # Every process started below carries this mark, so that what an interrupted run left can be told from anything else.
  export NAFEER_RUN="$STATE#$INSTANCE"
}

# Environment and assets are shared by both kinds of run: one at a time may write them.
take_setup_lock() {
  exec 8>>"$STATE/setup.lock"
  flock -n 8 && return
  say "waiting for another run to finish its set-up"
  flock 8
}
free_setup_lock() { exec 8>&-; }

# Usage: stamp_is NAME VALUE; set_stamp NAME VALUE; drop_stamp NAME
stamp_is() { [[ -f $STATE/stamps/$1 && $(<"$STATE/stamps/$1") == "$2" ]]; }
set_stamp() { printf '%s\n' "$2" >"$STATE/stamps/$1"; }
drop_stamp() { rm -f "$STATE/stamps/$1"; }

# One hash of the given files and folders (names and contents), whatever their order.
hash_of() {
  (cd "$ROOT" && find "$@" -type f ! -path '*/static/*' ! -path '*/templates/*' ! -path '*/locale/*' ! -name '*.pyc' -print0 2>/dev/null | LC_ALL=C sort -z |
    xargs -0 -r sha256sum | sha256sum | cut -c1-32)
}

# --- ports and HTTP without curl ---------------------------------------------------------------------------------

port_taken() { (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null; }

# The first free loopback port from the given one on.
free_port() {
  local port=$1
  while port_taken "$port"; do port=$((port + 1)); done
  echo "$port"
}

# Usage: http_get PORT PATH: prints the answer's head and body; fails when nobody answers within 5 s.
http_get() {
  timeout 5 bash -c 'exec 3<>"/dev/tcp/127.0.0.1/$0" &&
    printf "GET %s HTTP/1.0\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n" "$1" >&3 && cat <&3' "$1" "$2" 2>/dev/null
}

# --- processes ---------------------------------------------------------------------------------------------------

# Ids of living processes that carry this run's mark. The script itself does not, nor does what looks for it here.
# Redis and PostgreSQL write their titles over their environment, so they are told by the folder they run in.
marked() (
  mark=NAFEER_RUN=$NAFEER_RUN
  unset NAFEER_RUN
  {
    grep -slzxF "$mark" /proc/[0-9]*/environ || true
    find /proc -maxdepth 2 -path '/proc/[0-9]*/cwd' -lname "${HOME_DIR:-/none}/*" 2>/dev/null || true
  } | cut -d/ -f3 | sort -u
)

# End what still runs of this instance: politely, then not. For leftovers of a killed run and as the last step.
sweep() {
  local pids tries
  for tries in {1..50}; do
    mapfile -t pids < <(marked)
    ((${#pids[@]})) || return 0
    if ((tries == 1)); then kill -TERM "${pids[@]}" 2>/dev/null || true; fi
    if ((tries == 40)); then kill -KILL "${pids[@]}" 2>/dev/null || true; fi
    sleep 0.2
  done
}

# Usage: end_process PID SECONDS: TERM, then KILL when it has not ended in time.
end_process() {
  local pid=$1 tries
  kill -TERM "$pid" 2>/dev/null || return 0
  for ((tries = 0; tries < $2 * 10; tries++)); do
    kill -0 "$pid" 2>/dev/null || return 0
    sleep 0.1
  done
  kill -KILL "$pid" 2>/dev/null || true
}
