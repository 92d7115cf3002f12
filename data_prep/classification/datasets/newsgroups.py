"""20 Newsgroups (Lang 1995), sorted by date: the label is the newsgroup.

A document is the whole message: this version has no header lines that name the newsgroup, but From,
Subject, Organization and others. There is no validation split.

SHA-256: as in scikit-learn and in the releases of Hugging Face's datasets.
"""

from data_prep.classification.datasets.document_folders import DocumentFolders

DATA = DocumentFolders(
    sources=(
        "http://qwone.com/~jason/20Newsgroups/20news-bydate.tar.gz",
        "https://ndownloader.figshare.com/files/5975967",
    ),
    sha256="8f1b2514ca22a5ade8fbb9cfa5727df95fa587f4c87b786e15c759fa66d95610",
    folders={"train": "20news-bydate-train", "test": "20news-bydate-test"},
    labels=(
        "alt.atheism",
        "comp.graphics",
        "comp.os.ms-windows.misc",
        "comp.sys.ibm.pc.hardware",
        "comp.sys.mac.hardware",
        "comp.windows.x",
        "misc.forsale",
        "rec.autos",
        "rec.motorcycles",
        "rec.sport.baseball",
        "rec.sport.hockey",
        "sci.crypt",
        "sci.electronics",
        "sci.med",
        "sci.space",
        "soc.religion.christian",
        "talk.politics.guns",
        "talk.politics.mideast",
        "talk.politics.misc",
        "talk.religion.misc",
    ),
    encoding="Latin-1",
)
PUBLISHED = {"train": 11_314, "test": 7_532}
