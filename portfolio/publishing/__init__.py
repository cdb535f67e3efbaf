"""From the owner's working copies to what visitors see: Markdown, embeds, charts, revisions, search and exports."""
