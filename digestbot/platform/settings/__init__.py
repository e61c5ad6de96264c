"""The settings: one table of them, and how `.env` and the environment are read by it."""

from digestbot.platform.settings.loader import home_folder, load_settings
from digestbot.platform.settings.table import Settings

__all__ = ["Settings", "home_folder", "load_settings"]
