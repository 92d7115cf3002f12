"""The models, tasks, losses and texts that a checkpoint's configuration may choose.

The builders of these modules of fairseq were read: of the texts below they make numbers, layers,
and names inside of the data folder, and nothing that is opened elsewhere, imported or run.
"""

import re

# Modules below fairseq/models, tasks and criterions. A class of another package is the user's choice.
MODELS = ("bart", "fconv", "fconv_lm", "lightconv", "lightconv_lm", "lstm", "lstm_lm", "masked_lm")
MODELS += ("multilingual_transformer", "nat", "roberta", "transformer", "transformer_align")
MODELS += ("transformer_lm", "xmod")
TASKS = ("cross_lingual_lm", "denoising", "language_modeling", "legacy_masked_lm", "masked_lm")
TASKS += ("multilingual_denoising", "multilingual_masked_lm", "sentence_prediction")
TASKS += ("sentence_prediction_adapters", "sentence_ranking", "span_masked_lm", "translation")
TASKS += ("translation_lev",)
CRITERIONS = ("adaptive_loss", "cross_entropy", "label_smoothed_cross_entropy")
CRITERIONS += ("label_smoothed_cross_entropy_with_alignment", "legacy_masked_lm", "masked_lm")
CRITERIONS += ("label_smoothed_cross_entropy_with_rdrop", "nat_loss", "sentence_prediction")
CRITERIONS += ("sentence_prediction_adapters", "sentence_ranking")

_WORDS = re.compile(r"[\w+@-][\w.,+@-]{0,99}|", re.ASCII)  # no separator of folders, or nothing
_NUMBERS = re.compile(r"(?:[\d\s()\[\],.*+-]|True|False|None){0,10000}", re.ASCII)

# Options whose texts are kept -> the form that they have.
TEXTS = dict.fromkeys(
    ("_name", "activation_fn", "adversarial_norm", "arch", "break_mode", "classification_head_name",
     "contrast", "contrastive_denominator", "contrastive_normalization", "criterion", "criterion_name",
     "ddp_backend", "decoder_conv_type", "encoder_conv_type", "hub_type", "label_distance", "lang_pairs",
     "langs", "mask_length", "momentum_schedule", "monolingual_langs", "negatives", "noise", "optimizer",
     "perturb", "pooler_activation_fn", "projection_norm", "ranking_head_name", "sample_break_mode",
     "sentence_feature", "shorten_data_split_list", "shorten_method", "source_lang", "target_lang",
     "task", "task_weighting", "train_subset", "valid_subset"),
    _WORDS,
) | dict.fromkeys(
    # fairseq calls eval on these: `literals.evaluate`.
    ("adaptive_input_cutoff", "adaptive_softmax_cutoff", "character_filters", "decoder_attention",
     "decoder_glu", "decoder_kernel_size_list", "decoder_layers", "decoder_layers_to_keep",
     "decoder_output_dim", "early_exit", "encoder_glu", "encoder_kernel_size_list",
     "encoder_layers", "encoder_layers_to_keep", "weight_softmax"),
    _NUMBERS,
)  # fmt: skip

# Options that have these values whatever the checkpoint says; the user's own come after them.
FIXED = {
    # Names of files that something is read from or written to. The weights are in the checkpoint.
    "data": "",  # some tasks must have one
    "decoder_embed_path": None,
    "embed_path": None,
    "embeddings": None,
    "encoder_embed_path": None,
    "label_distance_file": None,
    "pretrained_mlm_checkpoint": None,
    "save_predictions": None,
    "user_dir": None,
    "plasma_path": "/tmp/plasma",  # fairseq's default; with the switch below, not looked at
    # Switches of what reaches outside: a server's socket, another reader (one starts a shell), a
    # tokenizer of any name, no look at checksums.
    "use_plasma_view": False,
    "dataset_impl": None,
    "eval_bleu": False,
    "skip_verification": False,
    "tpu": False,
}
