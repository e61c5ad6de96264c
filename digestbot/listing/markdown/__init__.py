"""Markdown lists, tables and headings of papers."""

from digestbot.listing.markdown.reader import Markdown

__all__ = ["Markdown"]
