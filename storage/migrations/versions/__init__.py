"""One module per step; the number leads the file name."""
