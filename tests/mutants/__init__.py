"""Small faults put into the rooms that decide, one at a time, and what the tests say: `python -m tests.mutants`."""
