# The pre-trained encoder of a recipe. Sourced by those that start from one.
set -euo pipefail

declare -A options_of=() # of the encoders that were asked for

# read_encoder PATH: sets `encoder_options`, with which fairseq-train fine-tunes the encoder of a
# checkpoint or of a folder with model.pt. Where ARCH is set it is a RoBERTa of that architecture,
# whose sizes the caller types; else all follows from the checkpoint.
read_encoder() {
  local checkpoint=$1
  [ ! -d "$1" ] || checkpoint=$1/model.pt
  if [ -n "${ARCH:-}" ]; then
    options_of[$1]="--max-positions 512 --init-token 0 --separator-token 2"
  elif [ -z "${options_of[$1]:-}" ]; then
    options_of[$1]=$(python -m fairseq_cline.encoder_options "$1")
  fi
  read -ra encoder_options <<<"${options_of[$1]}"
  encoder_options+=(--arch "${ARCH:-bert}" --finetune-from-model "$checkpoint")
}

# check_same_encoder RECIPE FOLDER OUT: the results of one encoder are not taken for those of another
check_same_encoder() {
  local checksum
  checksum=$(sha256sum <"$2/model.pt")
  [ -e "$3/encoder.sha256" ] || echo "$checksum" >"$3/encoder.sha256"
  if [ "$checksum" != "$(<"$3/encoder.sha256")" ]; then
    echo "$1: error: $3 has results of another encoder than $2; name another OUT" >&2
    return 1
  fi
}
