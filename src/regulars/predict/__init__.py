"""Predict: what comes next? When the next order of each customer is due, and who is late."""
