"""Mail that comes back: reports of failed deliveries, complaints and requests, told from everything else."""

from digestbot.bounces.base import Kind, Recipient, Returned
from digestbot.bounces.reading import read

__all__ = ["Kind", "Recipient", "Returned", "read"]
