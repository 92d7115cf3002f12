"""Files in and out, for every command of both packages; tqdm is the only library needed."""
