"""What a host is asked: one read-only shell script, its raw output between markers, and the facts that this gives."""
