"""The API of staff and their systems: one file for each resource, on the ground of `routes` and `serving`."""
