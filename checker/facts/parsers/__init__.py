"""What each section of the probe's output says: the protocol that carries them, and a parser file for each family."""
