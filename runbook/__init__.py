"""What shall people do, in which order, and who is told? Plan, interruptions and pages."""
