"""The published data sets of ``data_prep.text_classification --dataset``."""

from data_prep.classification.datasets import (
    ag_news,
    boolq,
    imdb,
    movie_reviews,
    newsgroups,
    perspectrum,
    reuters,
    snli,
    trec,
)
from data_prep.classification.datasets.published import Published

DATASETS = {
    "mr": Published(movie_reviews.DATA.texts, movie_reviews.PUBLISHED),
    "trec": Published(trec.DATA.texts, trec.PUBLISHED),
    "r8": Published(reuters.R8.texts, reuters.R8_PUBLISHED),
    "r52": Published(reuters.R52.texts, reuters.R52_PUBLISHED),
    "20ng": Published(newsgroups.DATA.texts, newsgroups.PUBLISHED),
    "ag": Published(ag_news.DATA.texts, ag_news.PUBLISHED),
    "snli": Published(snli.texts, snli.PUBLISHED),
    "imdb": Published(imdb.DATA.texts, imdb.PUBLISHED),
    "boolq": Published(boolq.DATA.texts, boolq.PUBLISHED),
    "perspectrum": Published(perspectrum.DATA.texts),
}
