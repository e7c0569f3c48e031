"""Subsidies: electricity that the state pays for, a quota a month for the customers of its programmes."""
