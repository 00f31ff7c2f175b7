"""What draws the sample pictures that the project ships, one module each. See `scripts.draw_samples`."""
