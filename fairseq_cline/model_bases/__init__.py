"""Parts that several models share; fairseq registers none of them, nor looks into this folder."""
