"""Rules against papers: which pairs match, exactly and by the million, and why for those that are shown."""
