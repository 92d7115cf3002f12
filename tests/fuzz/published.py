"""Small files in the formats of published data sets, as ``--raw-dir`` and contrast_set take them."""

import json
from pathlib import Path

PTB = " the <unk> said the year was good \n bad N \n"
WIKITEXT = " \n = Title = \n \n The <unk> was good @-@ natured , not bad . \n"
CONTRAST = {
    "imdb_original.tsv": "Sentiment\tText\nPositive\tA fine film.\nNegative\tSo bad it is\n",
    "imdb_contrast.tsv": "Sentiment\tText\nNegative\tA dull film.\nPositive\tSo good it is\n",
    "paired.tsv": (
        "Sentiment\tText\tbatch_id\nNegative\tI left\t7\nPositive\tI stayed\t7\n"
        "Positive\tI like it\t3\nNegative\tI hate it\t3\n"
    ),
    "snli_original.tsv": (
        "sentence1\tsentence2\tgold_label\nA man sleeps.\tA man is awake.\tcontradiction\n"
        "A dog runs.\tAn animal moves.\tentailment\n"
    ),
    "snli_revised.tsv": (
        "sentence1\tsentence2\tgold_label\nA man sleeps.\tA man rests.\tentailment\n"
        "A man reads.\tA man is awake.\tneutral\nA dog runs.\tA cat runs.\tcontradiction\n"
        "A dog sleeps.\tAn animal moves.\tcontradiction\n"
    ),
    "perspectrum.csv": (
        "original_claim,contrast_claim,perspective,original_relevance_label,original_stance_label,"
        "contrast_relevance_label,contrast_stance_label\n"
        "Say God,Never say God,It is custom,1,pos,1,neg\nStand up,Sit down,Legs tire,1,neg,1,pos\n"
    ),
    "boolq.json": json.dumps(
        {
            "data": [
                {
                    "title": "Cloak",
                    "paragraph": "A cape is a cloak.",
                    "question": "is a cape a cloak",
                    "answer": "TRUE",
                    "perturbed_questions": [{"perturbed_q": "is a cape a hat", "answer": "FALSE"}],
                }
            ]
        }
    ),
}
SST2 = "sentence\tlabel\nhide new secretions \t0\nfine , fine \t1\na good film\t1\na bad film\t0\n"
REVIEWS = {
    name: text
    for split in ("train", "test")
    for name, text in (
        (f"text_{split}.txt", "a dull film .\na fine film .\nno heart .\na warm heart .\n"),
        (f"label_{split}.txt", "0\n1\n0\n1\n"),
    )
}
TREC = {
    "train_5500.label": "DESC:def What is a film ?\nHUM:ind Who runs ?\nDESC:def What is it ?\n",
    "TREC_10.label": "DESC:def What is a car ?\nHUM:ind Who sells books ?\n",
}
SNLI = "".join(
    json.dumps({"gold_label": label, "sentence1": "A man sleeps.", "sentence2": text}) + "\n"
    for label, text in (("entailment", "A man rests."), ("contradiction", "A man is awake."))
)


def write_all(place: Path) -> None:
    """Writes a folder for each format."""
    folders = {
        "ptb": {f"ptb.{split}.txt": PTB for split in ("train", "valid", "test")},
        "wikitext": {f"wiki.{split}.tokens": WIKITEXT for split in ("train", "valid", "test")},
        "contrast": CONTRAST,
        "sst2": {"train.tsv": SST2, "dev.tsv": SST2},
        "mr": REVIEWS,
        "trec": TREC,
        "snli": {f"snli_1.0_{split}.jsonl": SNLI for split in ("train", "dev", "test")},
        "iwslt": {
            f"{split}.{language}": text * 8
            for split in ("train", "valid", "test")
            for language, text in (("en", "the small house\n"), ("de", "das kleine Haus\n"))
        },
    }
    for folder, files in folders.items():
        (place / folder).mkdir()
        for name, text in files.items():
            (place / folder / name).write_text(text)
