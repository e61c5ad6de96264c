"""The rule language: text folding, parser, topics, lint. No IO."""
