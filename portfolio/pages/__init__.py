"""Views of the public site, one module a section. Each view asks, renders and does nothing else."""
