"""The kinds of dumps that are read: one small module or folder for each."""
