"""The quality report: `build(ins).save("quality.html")`. Needs the extra `reports`."""

from runinsights.report.assemble import Report, build
from runinsights.report.model import ReportModel

__all__ = ["Report", "ReportModel", "build"]
