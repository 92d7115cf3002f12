"""IMDb (Maas et al. 2011), the large movie review data set: whole reviews, negative or positive.

Its line breaks, ``<br />``, become spaces. There is no validation split, and the reviews without a
label are left out.

SHA-256: as in the releases of Hugging Face's datasets.
"""

from data_prep.classification.datasets.document_folders import DocumentFolders

MARKUP = "<br />"  # stands for a line break
DATA = DocumentFolders(
    sources=("https://ai.stanford.edu/~amaas/data/sentiment/aclImdb_v1.tar.gz",),
    sha256="c40f74a18d3b61f90feba1e17730e0d38e8b97c05fde7008942e91923d1658fe",
    folders={"train": "aclImdb/train", "test": "aclImdb/test"},
    labels=("neg", "pos"),
    encoding="UTF-8",
    markup=MARKUP,
)
PUBLISHED = {"train": 25_000, "test": 25_000}
