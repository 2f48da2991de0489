"""``python -m sensorgraph``: the console command where no script is installed."""

from sensorgraph.run.cli import main

if __name__ == "__main__":
    raise SystemExit(main())
