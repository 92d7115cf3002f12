"""The parts of a training step that several criterions share."""
