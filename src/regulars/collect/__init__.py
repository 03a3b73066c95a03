"""Collect: what happened? Behaviour, orders, customers, products and reviews come in here, each once."""
