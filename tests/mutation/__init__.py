"""Does it catch anything? Faults are planted one by one, and what tells of each is written down."""
