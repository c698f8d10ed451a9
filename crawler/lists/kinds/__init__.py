"""What a page is: a column, a document in place of a list, a hub, an empty list, a shell of scripts (pure)."""
