"""The life of a delivery: claim -> write -> send -> record. The one place that retries."""

from digestbot.delivery.attempt import Attempt
from digestbot.delivery.courier import IN_FLIGHT, LEASE, Courier
from digestbot.delivery.decisions import Objection, OnUnknown, Policy

__all__ = ["IN_FLIGHT", "LEASE", "Attempt", "Courier", "Objection", "OnUnknown", "Policy"]
