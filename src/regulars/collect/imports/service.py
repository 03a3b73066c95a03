"""The verbs of loading: plan (a dry run), load, list, look into the quarantine, repair, recover."""
