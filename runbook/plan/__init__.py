"""What shall people do, in which order, and who is told: numbered steps, interruptions, the way back."""
