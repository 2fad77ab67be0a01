"""What a host says of itself: the facts, their store, what was asked; the probe and the ways to the hosts."""
