"""A network of meters in a box, as ACREL's platform: what docs/meter-network.md says, with meters that do it."""
