"""R8 and R52: the news of Reuters-21578 with one topic each, of the 8 or 52 that are frequent enough.

The texts are the "all terms" of Cardoso-Cachopo (2007): small letters, no numbers and no
punctuation. There is no validation split.
"""

from functools import partial

from data_prep.classification.datasets.split_files import SplitFiles
from data_prep.files.tab_separated import read_rows

COLUMNS = ("label", "text")
R8_PUBLISHED = {"train": 5_485, "test": 2_189}
R52_PUBLISHED = {"train": 6_532, "test": 2_568}


def _files(name: str) -> SplitFiles:
    return SplitFiles(
        home=f"https://github.com/yao8839836/text_gcn/tree/master/data/{name}",
        folder=name,
        names={"train": ("train.txt",), "test": ("test.txt",)},
        read=partial(read_rows, columns=COLUMNS, header=COLUMNS),
    )


R8, R52 = _files("R8"), _files("R52")
