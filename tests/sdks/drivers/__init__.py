"""Programs as shops write them, one for each SDK; they know nothing of regulars but a host and a key."""
