"""Pages for people: thin views, one module per audience area, and how values are written on them."""
