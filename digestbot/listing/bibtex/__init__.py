"""BibTeX and BibLaTeX."""

from digestbot.listing.bibtex.reader import BibTeX

__all__ = ["BibTeX"]
