"""Token vendors: the port behind which tokens are issued and meters are asked and told things, and one of our own."""
