"""The readers of dumps: bytes in, papers and everything skipped out."""

from digestbot.listing.base import Layout, Listing, Reader, Skipped
from digestbot.listing.readers import READERS
from digestbot.listing.reading import understand

__all__ = ["READERS", "Layout", "Listing", "Reader", "Skipped", "understand"]
