"""Many papers against all rules by arrays (numpy), and compiled (numba)."""
