"""What is remembered: jobs, whose turn it is, who is at work. Nothing but this package knows SQL."""
