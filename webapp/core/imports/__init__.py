"""Files on their way into lists: read, checked row by row, written all or nothing."""
