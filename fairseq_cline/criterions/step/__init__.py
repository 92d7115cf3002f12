"""Parts of the training steps of criterions."""
