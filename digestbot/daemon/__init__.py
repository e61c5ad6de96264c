"""The daemon: APScheduler only ticks; everything durable is in the store."""

from digestbot.daemon.serving import Daemon, Poll

__all__ = ["Daemon", "Poll"]
