"""How answers read on a terminal. Each module makes text of one kind of answer."""
