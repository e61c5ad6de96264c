"""The same stories as jobs: as many workers as needed on one PostgreSQL."""
