"""regulars turns first-time buyers into regulars: the retention and growth system of an online store."""

__version__ = "0.1.0"
