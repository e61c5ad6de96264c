"""One rule at a time against the stored papers."""
