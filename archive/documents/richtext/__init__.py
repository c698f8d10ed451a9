"""RTF: ``words`` the control words that matter and what kind each is, ``rows`` the definition of a table row."""
