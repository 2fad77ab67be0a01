"""The night book: what people hold while they upgrade."""
