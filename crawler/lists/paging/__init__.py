"""Where a list goes on: links, pagers that scripts write, forms that are posted, signs of an end (pure)."""
