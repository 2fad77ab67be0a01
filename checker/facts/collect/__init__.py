"""Facts from servers: the only room that touches hosts."""
