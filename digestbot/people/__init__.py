"""People: subscribers as the store has them, from their sign-up to the mails that come back and their goodbye."""
