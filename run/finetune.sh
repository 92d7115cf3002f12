# Fine-tuning of a pre-trained encoder, as the DCL paper has it. Sourced by run/glue.sh, run/snli.sh.
#
# The paper's: Adam, learning rate 1e-5 with cosine decay, batches of 32. BERT's, whose set-up it
# follows otherwise: 3 epochs, warm-up over a tenth of the updates, dropout 0.1, weight decay 0.01.
set -euo pipefail

. "$(dirname "${BASH_SOURCE[0]}")/encoder.sh"
. "$(dirname "${BASH_SOURCE[0]}")/train_once.sh"

# finetune DATABIN FOLDER SEED EXAMPLES OPTIONS...: see train_once. EXAMPLES of training is what a
# dry run assumes; else they are counted. The caller sets ENCODER, `repository` and the array
# `user_options`, whose options come last.
finetune() {
  local databin=$1 folder=$2 seed=$3 examples=$4 gpus updates
  shift 4
  gpus=${NUM_GPUS:-1}
  if [[ ! $gpus =~ ^(1|2|4|8|16|32)$ ]]; then
    echo "error: NUM_GPUS $gpus cannot share out a batch of 32 evenly; use 1, 2, 4, 8, 16 or 32" >&2
    return 1
  fi
  [ -n "${DRY_RUN:-}" ] || examples=$(wc -l <"$databin/raw/train.tsv")
  read_encoder "$ENCODER"
  updates=$((${EPOCHS:-3} * ((examples + 31) / 32)))
  train_once "$folder" fairseq-train "$databin" --user-dir "$repository/fairseq_cline" \
    "${encoder_options[@]}" --save-dir "$folder" --no-epoch-checkpoints \
    --task sentence_prediction --criterion sentence_prediction --shorten-method truncate \
    --dropout 0.1 --attention-dropout 0.1 --weight-decay 0.01 \
    --optimizer adam --adam-betas '(0.9, 0.999)' --adam-eps 1e-6 \
    --lr 1e-5 --lr-scheduler cosine --warmup-updates $((updates / 10)) --max-update "$updates" \
    --batch-size $((32 / gpus)) --required-batch-size-multiple 1 \
    --distributed-world-size "$gpus" --ddp-backend legacy_ddp \
    --log-format simple --log-interval 100 --seed "$seed" "$@" "${user_options[@]}"
}

# report FOLDER SPLIT DATABIN CHECKPOINT: prints the metrics; figures and predictions go to FOLDER
report() {
  [ -n "${DRY_RUN:-}" ] || python -m fairseq_cline.evaluation.classify "$(basename "$1")=$1/$4" \
    --data "$3" --split "$2" --json "$1/$2.json" --predictions "$1/$2"
}
