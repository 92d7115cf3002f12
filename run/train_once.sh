# Sourced by the recipes that train several models.
set -euo pipefail

# train_once FOLDER COMMAND...: trains the model in FOLDER. One that is done is left alone, one that
# was interrupted goes on. With DRY_RUN=1 the command is printed instead.
train_once() {
  local folder=$1
  shift
  if [ -n "${DRY_RUN:-}" ]; then
    printf '%q ' "$@"
    echo
  elif [ ! -e "$folder/done" ]; then
    echo "==> $folder (log: $folder/train.log)"
    mkdir -p "$folder"
    "$@" 2>&1 | tee -a "$folder/train.log"
    touch "$folder/done"
  fi
}
