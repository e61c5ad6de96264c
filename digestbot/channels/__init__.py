"""The ways out: bytes that are ready go to a file, a mail server, or somebody's webhook."""

from digestbot.channels.base import Channel, Misconfigured, Permanent, Receipt, SendError, Temporary, TooLong, Unknown
from digestbot.channels.registry import CHANNELS, describe, open_channel

__all__ = [
    "CHANNELS",
    "Channel",
    "Misconfigured",
    "Permanent",
    "Receipt",
    "SendError",
    "Temporary",
    "TooLong",
    "Unknown",
    "describe",
    "open_channel",
]
