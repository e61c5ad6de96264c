"""The life of a paper: fetched or handed in, read, merged into the paper log."""
