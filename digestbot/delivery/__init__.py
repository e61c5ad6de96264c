"""The life of a delivery: claim -> write -> send -> record. The one place that retries."""

from digestbot.delivery.attempt import Attempt
from digestbot.delivery.decisions import Objection, OnUnknown, Policy
from digestbot.delivery.dispatcher import IN_FLIGHT, LEASE, Dispatcher

__all__ = ["IN_FLIGHT", "LEASE", "Attempt", "Dispatcher", "Objection", "OnUnknown", "Policy"]
