"""Rules and the trainable classifier."""
