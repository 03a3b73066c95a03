"""Imports: what did the shop's own files say happened?

Question: which orders, customers, products and reviews are in these files, and what of them cannot be taken as it is?
Hears: nothing.
Tells: Orders Loaded, Customers Loaded, Products Loaded, Reviews Loaded, Load Undone.
Owns: load, bad_row, column_mapping (records); writes orders, order_lines, refunds, customers, products, product_snapshots, reviews,
loads (warehouse); the archive under `home/imports`, the quarantine files under `home/quarantine`.
"""

from __future__ import annotations
