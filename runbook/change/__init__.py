"""What carries the result to the change board: the package, and what it is made of."""
