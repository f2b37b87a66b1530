"""`python -m runinsights.cli`."""

import sys

from runinsights.cli import main

sys.exit(main())
