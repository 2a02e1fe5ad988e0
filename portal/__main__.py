"""``python -m portal`` is the ``portal`` command."""

from portal.commands import main

main()
