"""How the records came to their present form, step by step (Alembic)."""
