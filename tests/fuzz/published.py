"""Small files in the formats of published data sets, as ``--raw-dir`` and contrast_set take them."""

import json
from pathlib import Path

from data_prep.classification.datasets import newsgroups

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
REUTERS = "earn\tprofits rose\nacq\tone buys the other\n" * 2
AG_NEWS = '"1","War","It is \\\\ over"\n"3","Oil","The price fell"\n' * 2
BOOLQ = "".join(
    json.dumps({"question": "is it a cape", "passage": text, "answer": answer, "title": "Cape"})
    + "\n"
    for text, answer in (("It is a cape.", True), ("It is a hat.", False)) * 2
)
PERSPECTRUM = "1\t7\t8\tGo on\tIt is fine\n0\t7\t9\tGo on\tIt is dull\n" * 2
COLA = "gj04\t1\t\tHe is old.\ngj04\t0\t*\tHe old is.\n" * 2
RTE = "index\tsentence1\tsentence2\tlabel\n" + (
    "0\tA man sleeps.\tA man rests.\tentailment\n1\tA man sleeps.\tA cat runs.\tnot_entailment\n"
    * 2
)
STS_B = (
    "sentence1\tsentence2\tscore\n" + "A man sleeps.\tA man rests.\t4.5\nA man.\tA cat.\t0.2\n" * 2
)
PAIR_NAMES = (("1", "2"), ("3", "4"), ("5", "6"), ("7", "8"))
SIMILARITY = {
    "pairs.csv": '"A man, so.",A man rests.,4.5\nA man.,A cat.,0.2\nA dog.,A cat.,1\n',
    "sick.txt": "pair_ID\tsentence_A\tsentence_B\trelatedness_score\tentailment_judgment\n"
    "1\tA man sleeps.\tA man rests.\t4.5\tNEUTRAL\n2\tA man.\tA cat.\t0.2\tNEUTRAL\n",
    "sts12/STS.input.news.txt": "A man sleeps.\tA man rests.\nA man.\tA cat.\nA dog.\tA cat.\n",
    "sts12/STS.gs.news.txt": "5\n0.5\n\n",
    "opposites.tsv": "it is hot\tit is warm\tit is cold\nI go\tI walk\tI stay\n",
    "negated.tsv": "sentence\tnegated\nit is hot\tit is not hot\n",
    "choices.jsonl": "".join(
        json.dumps({"input": "it is hot", "sentences": others, "label": 1}) + "\n"
        for others in (["it is cold", "it is warm"], ["it is not hot", "it is warm", "no"])
    ),
}
MRPC = "Quality\t#1 ID\t#2 ID\t#1 String\t#2 String\n" + "".join(
    f"{k % 2}\t{one}\t{two}\tA man sleeps.\tA man rests.\n"
    for k, (one, two) in enumerate(PAIR_NAMES)
)
MRPC_DEV = "#1 ID\t#2 ID\n5\t6\n7\t8\n"
IMDB = {
    f"aclImdb/{split}/{label}/{number}_{stars}.txt": f"It is {text}.<br />So it is.\n"
    for split in ("train", "test")
    for number in range(2)
    for label, stars, text in (("neg", 1, "dull"), ("pos", 9, "fine"))
}
SNLI = "".join(
    json.dumps({"gold_label": label, "sentence1": "A man sleeps.", "sentence2": text}) + "\n"
    for label, text in (("entailment", "A man rests."), ("contradiction", "A man is awake."))
)


def _newsgroups() -> dict[str, str]:
    return {
        f"{folder}/{label}/{number}": f"From: someone\n\nThis is about {label}.\n"
        for folder in newsgroups.DATA.folders.values()
        for number, label in enumerate(newsgroups.DATA.labels * 2)
    }


def write_all(place: Path) -> None:
    """Writes a folder for each format."""
    folders = {
        "ptb": {f"ptb.{split}.txt": PTB for split in ("train", "valid", "test")},
        "wikitext": {f"wiki.{split}.tokens": WIKITEXT for split in ("train", "valid", "test")},
        "contrast": CONTRAST,
        "SST-2": {"train.tsv": SST2, "dev.tsv": SST2},
        "mr": REVIEWS,
        "trec": TREC,
        "r8": {"train.txt": REUTERS, "test.txt": REUTERS},
        "ag": {"train.csv": AG_NEWS, "test.csv": AG_NEWS},
        "boolq": {"train.jsonl": BOOLQ, "dev.jsonl": BOOLQ},
        "perspectrum": {f"{split}.tsv": PERSPECTRUM for split in ("train", "dev", "test")},
        "imdb": IMDB,
        "20ng": _newsgroups(),
        "CoLA": {"train.tsv": COLA, "dev.tsv": COLA},
        "RTE": {"train.tsv": RTE, "dev.tsv": RTE},
        "STS-B": {"train.tsv": STS_B, "dev.tsv": STS_B},
        "similarity": SIMILARITY,
        "MRPC": {"msr_paraphrase_train.txt": MRPC, "mrpc_dev_ids.tsv": MRPC_DEV},
        "snli": {f"snli_1.0_{split}.jsonl": SNLI for split in ("train", "dev", "test")},
        "iwslt": {
            f"{split}.{language}": text * 8
            for split in ("train", "valid", "test")
            for language, text in (("en", "the small house\n"), ("de", "das kleine Haus\n"))
        },
    }
    for folder, files in folders.items():
        for name, text in files.items():
            path = place / folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
