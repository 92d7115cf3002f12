#!/usr/bin/env bash
# FreeLB on a pre-trained encoder, beside plain fine-tuning, as in the CLINE paper (Wang et al.,
# 2021): fine-tuned on a classification set, the best epoch on its validation set evaluated on its
# test set.
#
#   python -m data_prep.text_classification --dataset imdb --destdir data-bin/imdb \
#     --sentencepiece-model spm/spm.model --dict spm/dict.txt   # those of the pre-training
#   CHECKPOINT=cline/checkpoint_last.pt DATA=data-bin/imdb SAVE_DIR=checkpoints/imdb \
#     bash run/freelb.sh --fp16
#
# Batch of an update: 32 examples.
#
# Expected (accuracy). Table 5, on adversarial examples of TextFooler:
#                     IMDb    AG    MR  SNLI
#   BERT              88.7  88.8  68.4  48.6
#   BERT, FreeLB      91.9  93.3  75.9  56.1
#   RoBERTa           93.9  91.9  79.7  55.1
#   RoBERTa, FreeLB   95.2  93.5  81.0  58.1
#   CLINE             94.7  92.3  80.4  55.4
#   CLINE, FreeLB     95.9  94.2  82.1  58.7
# Table 2, on contrast sets, which FreeLB makes worse (no FreeLB row of CLINE):
#                     IMDb  SNLI
#   BERT              89.8  73.0
#   BERT, FreeLB      87.7  71.4
#   RoBERTa           93.0  75.2
#   RoBERTa, FreeLB   92.6  74.6
# Not measured here: it takes a pre-trained model of that size. For these two tables evaluate the
# checkpoint_best.pt of each row with evaluation.adversarial and evaluation.contrast_sets.
#
# The paper does not name FreeLB's settings. The defaults are those of FreeLB's authors for RoBERTa
# on MNLI; their other tasks (step size / first noise / bound; K): SST-2 0.1 / 1.0 / 0.6; 3, QNLI
# 0.075 / 0.15 / 0.15; 3, MRPC 0.04 / 0.64 / 0.4; 4.
#
# Variables:
#   CHECKPOINT   the pre-trained model
#   ARCH         its architecture (default cline_roberta_base)
#   DATA         the data-bin
#   SAVE_DIR     fine-tuned models, figures (test.json) and predictions, a sub-folder for each seed
#                and row
#   ROWS         default: plain freelb
#   SEEDS        default: 1
#   EPOCHS       default: 3
#   NUM_GPUS     default: 1; they share out the batch of 32
# A killed run goes on where it stopped; a model that is done is left alone. DRY_RUN=1 prints the
# training commands only. Options at the end are given to each fairseq-train.
set -euo pipefail

: "${CHECKPOINT:?pre-trained model to fine-tune}"
: "${DATA:?data-bin that data_prep.text_classification makes}"
: "${SAVE_DIR:?folder for fine-tuned models, one sub-folder for each seed and row}"
repository=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
ARCH=${ARCH:-cline_roberta_base}
user_options=("$@")
. "$repository/run/finetune.sh"

# Sets `objective` of a row.
choose_row() {
  case $1 in
    plain) objective=(--criterion sentence_prediction) ;;
    freelb) objective=(--criterion freelb) ;;
    *)
      echo "freelb: error: there is no row '$1'; use plain and freelb" >&2
      exit 1
      ;;
  esac
}

for row in ${ROWS:-plain freelb}; do
  choose_row "$row"
  for seed in ${SEEDS:-1}; do
    folder=$SAVE_DIR/seed$seed/$row
    # IMDb's number of examples, for a dry run. The task counts the classes.
    finetune "$DATA" "$folder" "$seed" 25000 --task clld_classification "${objective[@]}" \
      --best-checkpoint-metric accuracy --maximize-best-checkpoint-metric
    report "$folder" test "$DATA" checkpoint_best.pt
  done
done
