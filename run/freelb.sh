#!/usr/bin/env bash
# FreeLB on a pre-trained encoder, beside plain fine-tuning, as in the CLINE paper (Wang et al.,
# 2021): fine-tuned on a classification set, the best epoch on its validation set evaluated on its
# test set.
#
#   python -m data_prep.text_classification --dataset imdb --destdir data-bin/imdb \
#     --tokenizer spm   # that of the pre-training
#   ENCODER=cline/checkpoint_last.pt DATA=data-bin/imdb OUT=checkpoints/imdb \
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
# The paper does not name FreeLB's settings. PRESET takes those of FreeLB's authors for RoBERTa-large on
# a task of GLUE, from their launch scripts (below).
#
# Variables:
#   ENCODER   the pre-trained encoder: a checkpoint, or a folder of fairseq_cline.import_encoder
#   DATA      data-bin, of data_prep.text_classification
#   OUT       fine-tuned models, figures (test.json) and predictions, a sub-folder for each seed and
#             row
#   ROWS      default: plain freelb
#   PRESET    of FreeLB: MNLI (default) SST-2 QNLI QQP CoLA MRPC STS-B RTE
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
take ENCODER path
take DATA path
take OUT path
take ROWS words "plain freelb" "plain freelb"
take PRESET word MNLI "MNLI SST-2 QNLI QQP CoLA MRPC STS-B RTE"
take_fine_tuning
taken "$@"

# The authors count the first pass apart: their steps are one less.
case $preset in
  MNLI) steps=3 size=0.1 first=0.1 bound=0.3 ;;
  SST-2) steps=3 size=0.1 first=1.0 bound=0.6 ;;
  QNLI) steps=3 size=0.075 first=0.15 bound=0.15 ;; # with fp16: 0.1, 0.2, 0.2
  QQP) steps=3 size=0.2 first=0.32 bound=0.7 ;; # with fp16: 0.15, 0.32, 0.62
  CoLA) steps=4 size=0.025 first=0.4 bound=0.3 ;;
  MRPC) steps=4 size=0.04 first=0.64 bound=0.4 ;;
  STS-B) steps=4 size=0.1 first=0.16 bound=0.28 ;;
  # In comments; the script itself runs without a perturbation.
  RTE) steps=4 size=0.06 first=0.16 bound=0.14 ;;
esac
for row in $rows; do
  objective=(--criterion sentence_prediction)
  [ "$row" = plain ] || objective=(--criterion freelb --adversarial-steps "$steps"
    --adversarial-step-size "$size" --adversarial-init "$first" --adversarial-max-norm "$bound")
  for seed in $seeds; do
    folder=$out/seed$seed/$row
    # IMDb's number of examples, for a dry run. The task counts the classes.
    finetune "$data" "$folder" "$seed" 25000 --task clld_classification "${objective[@]}" \
      --best-checkpoint-metric accuracy --maximize-best-checkpoint-metric
    report "$folder" test "$data" checkpoint_best.pt
  done
done
