"""``python -m portal.translations`` merges every language's catalogues."""

from portal.translations import HERE, compile_catalogues

compile_catalogues(HERE)
