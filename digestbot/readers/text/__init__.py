"""From bytes to clean text: encodings, repair, markup, and the single fields of a paper."""
