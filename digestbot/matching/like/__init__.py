"""What is like the papers that somebody likes: TF-IDF, a profile, and a cut that means "so many a week"."""
