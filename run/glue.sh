#!/usr/bin/env bash
# A pre-trained encoder on GLUE, as in the DCL paper (Chen et al., 2021): fine-tuned on each of the
# seven tasks of its Table 1 and on STS-B, and evaluated on the development sets.
#
#   for task in CoLA SST-2 MRPC STS-B QQP MNLI QNLI RTE; do
#     python -m data_prep.glue --task $task --destdir data-bin/glue/$task \
#       --tokenizer spm   # that of the pre-training
#   done
#   ENCODER=dcl/checkpoint_last.pt DATA=data-bin/glue SAVE_DIR=checkpoints/glue \
#     bash run/glue.sh --fp16
#
# Batch of an update: 32 examples.
#
# Expected (Table 1, NORMAL; the paper does not name the metrics. BERT's are Matthews for CoLA, F1 for
# MRPC and QQP, accuracy for the others):
#              CoLA  SST-2  MRPC   QQP   MNLI m/mm   QNLI   RTE   average
#   BERT       56.8   92.3  89.7  89.6  84.6 / 85.2  91.5  69.3     82.3
#   BERT+DA    58.6   93.2  86.5  86.7  84.2 / 84.4  91.1  68.9     81.7
#   DCL        60.9   93.0  89.7  90.0  84.7 / 84.6  91.7  69.7     83.0
# Not measured here: it takes a pre-trained model of that size. STS-B is not in the table.
#
# BERT+DA is the baseline on training data that data_prep.augment_classification has enlarged.
# The last checkpoint is evaluated, not the best one on the set that is reported.
#
# Variables:
#   ENCODER      the pre-trained encoder: a checkpoint, or a folder of fairseq_cline.import_encoder
#   DATA         folder of the data-bins, one for each task
#   SAVE_DIR     fine-tuned models, figures (valid.json) and predictions, a sub-folder for each task
#   TASKS        default: CoLA SST-2 MRPC STS-B QQP MNLI QNLI RTE
#   SEEDS        default: 1
#   EPOCHS       default: 3
#   NUM_GPUS     default: 1; they share out the batch of 32
# A killed run goes on where it stopped; a model that is done is left alone. DRY_RUN=1 prints the
# training commands only. Options at the end are given to each fairseq-train.
set -euo pipefail

: "${ENCODER:?pre-trained encoder to fine-tune}"
: "${DATA:?folder of the data-bins that data_prep.glue makes, one for each task}"
: "${SAVE_DIR:?folder for fine-tuned models, one sub-folder for each task}"
repository=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
user_options=("$@")
. "$repository/run/finetune.sh"

# Sets `examples` (of the training set), `splits` (to report) and `options`.
choose_task() {
  splits=(valid)
  options=(--num-classes 2)
  case $1 in
    CoLA) examples=8551 ;;
    SST-2) examples=67349 ;;
    MRPC) examples=3668 ;;
    STS-B) examples=5749 options=(--num-classes 1 --regression-target) ;;
    QQP) examples=363846 ;;
    MNLI) examples=392702 splits=(valid valid1) options=(--num-classes 3) ;;
    QNLI) examples=104743 ;;
    RTE) examples=2490 ;;
    *)
      echo "glue: error: there is no task '$1'; python -m data_prep.glue --help lists them" >&2
      exit 1
      ;;
  esac
}

for task in ${TASKS:-CoLA SST-2 MRPC STS-B QQP MNLI QNLI RTE}; do
  choose_task "$task"
  for seed in ${SEEDS:-1}; do
    folder=$SAVE_DIR/$task/seed$seed
    finetune "$DATA/$task" "$folder" "$seed" "$examples" "${options[@]}"
    for split in "${splits[@]}"; do
      report "$folder" "$split" "$DATA/$task" checkpoint_last.pt
    done
  done
done
