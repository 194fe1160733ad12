"""`python -m liqmap` is the command `liqmap`."""

from liqmap.cli import main

main()
