"""What starts, tests and checks Repaint."""
