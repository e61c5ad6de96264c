"""What the rest stands on: settings, logs, the network, files, signed links."""
