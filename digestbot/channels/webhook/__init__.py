"""Anybody's webhook."""
