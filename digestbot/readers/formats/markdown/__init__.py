"""Markdown lists, tables and headings of papers."""

from digestbot.readers.formats.markdown.reader import Markdown

__all__ = ["Markdown"]
