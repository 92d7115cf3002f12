# Fine-tuning of a pre-trained encoder, as the DCL paper has it. Sourced by the recipes that compare
# encoders on classification.
#
# The paper's: Adam, learning rate 1e-5 with cosine decay, batches of 32. BERT's, whose set-up it
# follows otherwise: 3 epochs, warm-up over a tenth of the updates, dropout 0.1, weight decay 0.01.
set -euo pipefail

. "$repository/run/lib/encoder.sh"
. "$repository/run/lib/train_once.sh"

# take_fine_tuning: the variables of how it is fine-tuned
take_fine_tuning() {
  take SEEDS numbers 1
  take EPOCHS number 3
  take NUM_GPUS word 1 "1 2 4 8 16 32" # that share out a batch of 32 evenly
  take ARCH word ""
  take DRY_RUN switch ""
}

# finetune DATABIN FOLDER SEED EXAMPLES OPTIONS...: see train_once. EXAMPLES of training is what a
# dry run assumes; else they are counted. The variable `encoder` is the encoder, and the options in
# the array `user_options` come last.
finetune() {
  local databin=$1 folder=$2 seed=$3 examples=$4 updates
  shift 4
  [ -n "$dry_run" ] || examples=$(wc -l <"$databin/raw/train.tsv")
  read_encoder "$encoder"
  updates=$((epochs * ((examples + 31) / 32)))
  train_once "$folder" fairseq-train "$databin" --user-dir "$repository/fairseq_cline" \
    "${encoder_options[@]}" --save-dir "$folder" --no-epoch-checkpoints \
    --task sentence_prediction --criterion sentence_prediction --shorten-method truncate \
    --dropout 0.1 --attention-dropout 0.1 --weight-decay 0.01 \
    --optimizer adam --adam-betas '(0.9, 0.999)' --adam-eps 1e-6 \
    --lr 1e-5 --lr-scheduler cosine --warmup-updates $((updates / 10)) --max-update "$updates" \
    --batch-size $((32 / num_gpus)) --required-batch-size-multiple 1 \
    --distributed-world-size "$num_gpus" --ddp-backend legacy_ddp \
    --log-format simple --log-interval 100 --seed "$seed" "$@" "${user_options[@]}"
}

# report FOLDER SPLIT DATABIN CHECKPOINT: prints the metrics; figures and predictions go to FOLDER
report() {
  [ -n "$dry_run" ] || python -m fairseq_cline.evaluation.classify "$(basename "$1")=$1/$4" \
    --data "$3" --split "$2" --json "$1/$2.json" --predictions "$1/$2"
}
