"""Mail that comes back: reports of failed deliveries, complaints and requests, told from everything else."""

from digestbot.bounces.base import Recipient, ReportKind, Returned
from digestbot.bounces.parser import read

__all__ = ["Recipient", "ReportKind", "Returned", "read"]
