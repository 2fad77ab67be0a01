"""Worlds of the checks that only people can answer."""
