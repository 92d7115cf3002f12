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
    "mr": Published(movie_reviews.DATA.obtain, movie_reviews.PUBLISHED),
    "trec": Published(trec.DATA.obtain, trec.PUBLISHED),
    "r8": Published(reuters.R8.obtain, reuters.R8_PUBLISHED),
    "r52": Published(reuters.R52.obtain, reuters.R52_PUBLISHED),
    "20ng": Published(newsgroups.DATA.obtain, newsgroups.PUBLISHED),
    "ag": Published(ag_news.DATA.obtain, ag_news.PUBLISHED),
    "snli": Published(snli.obtain, snli.PUBLISHED),
    "imdb": Published(imdb.DATA.obtain, imdb.PUBLISHED),
    "boolq": Published(boolq.DATA.obtain, boolq.PUBLISHED),
    "perspectrum": Published(perspectrum.DATA.obtain),
}
