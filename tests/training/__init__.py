"""What learns the weights that the package ships."""
