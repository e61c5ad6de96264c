"""The command line: one module per group of commands, the only rooms that print or exit."""
