"""What each kind of file becomes: orders, customers, products, reviews. Each file here turns opened files into an `Analysis`."""

from __future__ import annotations
