# A signal to a recipe is one to what it waits for: bash alone would end, and leave a training behind it.
set -euo pipefail

# attend COMMAND...: runs it in a process group of its own and returns its status. A signal to bash is
# handed on to the group, once, whether or not a terminal or a batch system sends it to other processes
# too: SIGTERM and SIGUSR1 as the one that stops a training after its checkpoint (the second of them as
# SIGTERM, which ends it at once), Ctrl-C, SIGHUP and Ctrl-Z as they are.
attend() {
  local child status got=1 stop=USR2 asked=""
  set -m
  "$@" &
  set +m
  child=$!
  trap 'asked=1; hand_on "$stop"; stop=TERM' TERM USR1 USR2
  trap 'hand_on INT' INT
  trap 'hand_on HUP' HUP
  trap 'hand_on TSTP; kill -STOP $$; hand_on CONT' TSTP
  while [ -n "$got" ]; do
    got="" status=0
    wait "$child" || status=$?
  done
  trap - TERM USR1 USR2 INT HUP TSTP
  # A command that has ended well all the same: what the recipe has behind it is not begun.
  [[ -z $asked || $status != 0 ]] || status=75
  return "$status"
}

# hand_on SIGNAL: to the group of `attend`, which may have ended
hand_on() {
  got=1
  kill -s "$1" -- "-$child" 2>/dev/null || true
}

# logged FILE COMMAND...: runs it, with its output in FILE too, to its last words
logged() {
  trap : INT TERM USR1 USR2
  "${@:2}" 2>&1 | (trap '' INT TERM USR1 USR2 && exec tee -a "$1")
}
