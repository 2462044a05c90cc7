"""What a build costs, beside a hand-written script and other engines: see README.md."""
