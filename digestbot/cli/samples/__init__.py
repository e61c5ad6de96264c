"""Sample dumps of our own writing: invented papers in the layouts of real pages."""
