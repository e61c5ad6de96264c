"""The queues of the workers' jobs: what a worker can be told to do, and nothing else."""

from digestbot.channels.registry import CHANNELS

KINDS = tuple(CHANNELS)
"""The kinds of channels; the queue of each has its deliveries."""
QUEUES = ("tick", "ingest", "plan", *KINDS)
