"""What an outsider may see of a change: names and places by pseudonyms, the verdict and the order as they are."""
