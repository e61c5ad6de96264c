"""The subscribers: their files, read and checked."""
