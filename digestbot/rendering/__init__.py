"""A digest written for each kind of channel. Templates come in from outside."""

from digestbot.rendering.templating import Templates

__all__ = ["Templates"]
