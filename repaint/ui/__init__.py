"""What Discord shows of the core: the client, the cards, and how they get to their message."""
