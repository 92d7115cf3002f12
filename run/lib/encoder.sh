# The pre-trained encoder of a recipe. Sourced by those that start from one.
set -euo pipefail

arch="" # a recipe may take it
declare -A options_of=() # of the encoders that were asked for

# read_encoder PATH: sets `encoder_options`, with which fairseq-train fine-tunes the encoder of a
# checkpoint or of a folder with model.pt. Where `arch` is set it is a RoBERTa of that architecture,
# whose sizes the caller types; else all follows from the checkpoint.
read_encoder() {
  local checkpoint=$1
  [ ! -d "$1" ] || checkpoint=$1/model.pt
  if [ -n "${arch:-}" ]; then
    options_of[$1]="--max-positions 512 --init-token 0 --separator-token 2"
  elif [ -z "${options_of[$1]:-}" ]; then
    need_environment
    options_of[$1]=$(python -m fairseq_cline.encoder_options "$1")
  fi
  read -ra encoder_options <<<"${options_of[$1]}"
  encoder_options+=(--arch "${arch:-bert}" --finetune-from-model "$checkpoint")
}
