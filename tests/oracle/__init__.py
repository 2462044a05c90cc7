"""Rating worked out a second time, by hand as it were, to hold the models against."""
