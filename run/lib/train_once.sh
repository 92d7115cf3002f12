# Sourced by the recipes that train several models.
set -euo pipefail

# train_once FOLDER COMMAND...: trains the model in FOLDER. One that is done is left alone, one that
# was interrupted goes on; one of another command is an error. With DRY_RUN=1 the command is printed
# instead.
train_once() {
  local folder=$1 command
  shift
  command=$(printf '%q ' "$@")
  if [ -n "$dry_run" ]; then
    echo "$command"
    return
  fi
  mkdir -p "$folder"
  if [ -e "$folder/command" ] && [ "$(<"$folder/command")" != "$command" ]; then
    fail "$folder has a model of other settings, see $folder/command: name another OUT, or remove \
this folder (or that file alone, to keep the model)"
  fi
  echo "$command" >"$folder/command"
  if [ ! -e "$folder/done" ]; then
    echo "==> $folder (log: $folder/train.log)"
    "$@" 2>&1 | tee -a "$folder/train.log"
    touch "$folder/done"
  fi
}
