"""The processes that live: the daemon, in which APScheduler only ticks; the workers; what looks after them."""
