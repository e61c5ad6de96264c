"""All rules compiled into one graph of shared nodes."""
