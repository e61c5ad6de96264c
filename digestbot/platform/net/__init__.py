"""The network as the bot may use it: where connections may go, and the one transport that sees to it."""
