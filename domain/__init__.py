"""The business, one file per thing that the business talks about, with its tables, rules and errors."""
