"""The doctor: looks at everything a bot needs, tells quiet, stale and broken apart, and names the mend."""
