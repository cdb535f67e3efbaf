"""The owner's desk: what helps to curate the site."""
