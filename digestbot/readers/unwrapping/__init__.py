"""What dumps are wrapped in: mailboxes, mails, saved pages, recorded answers, joined exports."""
