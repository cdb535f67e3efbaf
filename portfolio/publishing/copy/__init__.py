"""A static copy of the published site: it opens from any file server, under any path, and from a disk."""
