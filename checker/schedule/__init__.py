"""What follows from deployment and facts alone: order, tasks, nights, minutes, sizes, disks, mail flow."""
