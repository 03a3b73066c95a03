"""The pricing engine: what a cart costs under a shop's offers, to the cent, from plain values alone."""
