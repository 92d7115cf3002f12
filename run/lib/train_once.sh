# Sourced by the recipes that train several models.
set -euo pipefail

. "$repository/run/lib/attended.sh"

# check_command FOLDER COMMAND...: the model in FOLDER, if there is one, is of this command. A command
# that has failed before its first checkpoint may be corrected.
check_command() {
  local file=$1/command command
  command=$(printf '%q ' "${@:2}")
  mkdir -p "$1"
  if [[ -e $1/done || -e $1/checkpoint_last.pt ]] && [[ -e $file && $(<"$file") != "$command" ]]; then
    fail "$1 has a model of other settings, see $file: name another OUT, or remove \
this folder (or that file alone, to keep the model)"
  fi
  echo "$command" >"$file"
}

# train_once FOLDER COMMAND...: trains the model in FOLDER. One that is done is left alone, one that
# was interrupted goes on; one of another command is an error. With DRY_RUN=1 the command is printed
# instead.
train_once() {
  local folder=$1
  shift
  if [ -n "$dry_run" ]; then
    printf '%q ' "$@"
    echo
    return
  fi
  check_command "$folder" "$@"
  if [ ! -e "$folder/done" ]; then
    echo "==> $folder (log: $folder/train.log)"
    attend logged "$folder/train.log" "$@"
    touch "$folder/done"
  fi
}
