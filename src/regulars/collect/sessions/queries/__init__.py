"""Questions about sessions: how they are cut from events, and what reports ask of them."""
