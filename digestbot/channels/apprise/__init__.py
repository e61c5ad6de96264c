"""What Apprise reaches: Telegram, Matrix and a hundred others."""
