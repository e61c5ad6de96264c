"""``python -m digestbot`` and the ``digestbot`` command."""

from __future__ import annotations

from digestbot.cli.main import main

if __name__ == "__main__":
    main()
