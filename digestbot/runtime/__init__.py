"""The daemon: APScheduler only ticks; everything durable is in the store."""

from digestbot.runtime.daemon import Daemon, Poll

__all__ = ["Daemon", "Poll"]
