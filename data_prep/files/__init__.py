"""Files in and out, for every command of both packages; needs no other library than tqdm."""
