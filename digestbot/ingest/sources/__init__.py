"""Where dumps come from: files and standard input."""
