"""Whether a package is as it was written, what has moved since, and what that changes."""
