"""What is true of the servers, and is it good enough? Deployment, facts, checks, order and minutes."""

__version__ = "0.1.0"
