"""Outside model services behind one protocol, a null provider beside them."""
