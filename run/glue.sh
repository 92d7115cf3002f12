#!/usr/bin/env bash
# A pre-trained encoder on GLUE, as in the DCL paper (Chen et al., 2021): fine-tuned on each of the
# seven tasks of its Table 1 and on STS-B, and evaluated on the development sets.
#
#   for task in CoLA SST-2 MRPC STS-B QQP MNLI QNLI RTE; do
#     python -m data_prep.glue --task $task --destdir data-bin/glue/$task \
#       --tokenizer spm   # that of the pre-training
#   done
#   ENCODER=dcl/checkpoint_last.pt DATA=data-bin/glue OUT=checkpoints/glue \
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
#   ENCODER   the pre-trained encoder: a checkpoint, or a folder of fairseq_cline.import_encoder
#   DATA      folder of the data-bins of data_prep.glue, one for each task
#   OUT       fine-tuned models, figures (valid.json) and predictions, a sub-folder for each task
#   TASKS     default: CoLA SST-2 MRPC STS-B QQP MNLI QNLI RTE
#   SEEDS     default: 1
#   EPOCHS    default: 3
#   NUM_GPUS  default: 1; they share out the batch of 32
#   ARCH      a RoBERTa architecture, as roberta_base, with its sizes among the options at the end
#             (default: all follows from the encoder)
#   DRY_RUN   1 prints the training commands only
# A killed run goes on where it stopped; a model that is done is left alone. Options at the end are given
# to each fairseq-train.
set -euo pipefail

. "$(dirname "${BASH_SOURCE[0]}")/lib/recipe.sh"
. "$repository/run/lib/finetune.sh"
all_tasks="CoLA SST-2 MRPC STS-B QQP MNLI QNLI RTE"
take ENCODER path
take DATA path
take OUT path
take TASKS words "$all_tasks" "$all_tasks"
take_fine_tuning
taken "$@"

# Examples of the training set, for a dry run.
declare -A examples=([CoLA]=8551 [SST-2]=67349 [MRPC]=3668 [STS-B]=5749 [QQP]=363846 [MNLI]=392702
  [QNLI]=104743 [RTE]=2490)
for task in $tasks; do
  splits=valid options=(--num-classes 2)
  case $task in
    STS-B) options=(--num-classes 1 --regression-target) ;;
    MNLI) splits="valid valid1" options=(--num-classes 3) ;;
  esac
  for seed in $seeds; do
    folder=$out/$task/seed$seed
    finetune "$data/$task" "$folder" "$seed" "${examples[$task]}" "${options[@]}"
    for split in $splits; do
      report "$folder" "$split" "$data/$task" checkpoint_last.pt
    done
  done
done
