"""One piece of work, as attempts of Jobs."""
