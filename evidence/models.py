"""Models of this app, listed for Django."""
