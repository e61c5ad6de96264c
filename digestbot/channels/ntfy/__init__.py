"""ntfy: a push to phones and browsers, of ntfy.sh or a server of one's own."""
