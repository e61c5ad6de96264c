"""The web pages: sign-up, preferences, leaving. An extra; served by `serve`, or inside `run`."""

from digestbot.web.listener import listening_at
from digestbot.web.serving import WebServer, probes

__all__ = ["WebServer", "listening_at", "probes"]
