"""Measurements behind every figure that the documentation states. Each is a ratio to a peer or to the raw limit in the same run."""
