"""BibTeX and BibLaTeX."""

from digestbot.readers.formats.bibtex.reader import BibTeX

__all__ = ["BibTeX"]
