"""What the operator declares: the deployment file, its model, its rules and its faults."""
