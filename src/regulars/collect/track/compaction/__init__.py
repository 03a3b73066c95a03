"""Compaction of the events archive: the many small files of a trickle become few large ones, whatever is killed meanwhile.

`choosing` decides which parts are merged, `merging` makes the file, `settling` lets the stores say the same, `running` does it step by step.
"""
