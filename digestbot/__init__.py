"""digestbot: scheduled digests and alerts of new research papers."""

__version__ = "0.1.0"
