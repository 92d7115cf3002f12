"""From a data-bin on disk to batches."""
