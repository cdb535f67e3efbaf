"""Text help: drafts made of bound sentences. What names no source, or a figure without a receipt, is left out."""
