"""The competition room."""
