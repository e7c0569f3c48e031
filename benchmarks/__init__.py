"""What the service does in a second, each figure beside a floor that is measured in the same run."""
