"""May I? Privacy today; consent, contact policy and abuse join here."""
