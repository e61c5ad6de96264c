"""The web pages: sign-up, preferences, leaving. An extra; served by `serve`, or inside `run`."""

from digestbot.web.serving import WebServer, listening_at

__all__ = ["WebServer", "listening_at"]
