"""The reader for the text of Hugging Face Daily Papers pages."""

from digestbot.readers.formats.daily_papers.reader import DailyPapers

__all__ = ["DailyPapers"]
