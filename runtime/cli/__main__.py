"""`python -m runtime.cli`: the `ptj` command, as the supervisor starts its parts."""

from runtime.cli import main

main()
