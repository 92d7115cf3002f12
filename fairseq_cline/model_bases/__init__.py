"""Parts that models are made of; fairseq registers none of them, nor looks into this folder."""
