"""Studies: derived figures of a whole repository, kept as a small file that holds numbers and hashes and no text.

`rows.py` makes the file from what is stored, `methods.py` counts over it, `figures.py` gives each count its receipt.
"""
